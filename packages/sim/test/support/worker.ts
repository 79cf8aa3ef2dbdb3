// Runs in a thread of its own: the test runner's bookkeeping makes every promise of its own thread several times as dear.
import { parentPort } from 'node:worker_threads';
import { type Outcome, runStory, type Story } from '@lattice/sim';

parentPort?.on('message', (story: Story) => {
  void run(story).then((outcome) => {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
    parentPort?.postMessage(outcome);
  });
});

async function run(story: Story): Promise<Pick<Outcome, 'findings' | 'digest'>> {
  const { findings, digest } = await runStory(story);
  return { findings, digest };
}
