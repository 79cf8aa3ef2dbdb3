// Runs in a thread of its own: the test runner's bookkeeping makes every promise of its own thread several times as dear.
import assert from 'node:assert/strict';
import { parentPort } from 'node:worker_threads';
import { toHex } from '@lattice/model';
import { Chaos } from './chaos.js';
import type { ChaosReport, ChaosTask } from './chaos-runs.js';
import { MembershipChaos } from './membership-chaos.js';
import { assertSameContents, meshOf, meshOn } from './nodes.js';

const allNames = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'];

parentPort?.on('message', (task: ChaosTask) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  void run(task).then((report) => parentPort?.postMessage(report));
});

async function run(task: ChaosTask): Promise<ChaosReport> {
  const history: { text: () => string } = { text: () => '' };
  try {
    const runs = { faults: runFaults, membership: runMembership, twice: runTwice };
    await runs[task.kind](task, history);
    return {};
  } catch (error) {
    const reason = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { failure: `seed ${task.seed}:\n${history.text()}\n${reason}` };
  }
}

async function runFaults({ seed, nodes, steps }: ChaosTask, history: { text: () => string }): Promise<void> {
  const names = allNames.slice(0, nodes);
  await using mesh = await meshOf('a', names.slice(1), { seed });
  const chaos = new Chaos(mesh, names);
  history.text = () => chaos.history;
  for (let i = 0; i < steps; i++) await chaos.step();
  await chaos.calm();
  await mesh.settle({ withinMs: 300_000 });
  chaos.assertNothingLost();
  assertSameContents(mesh, names);
  const outcome = `${mesh.time.monotonicMs()} ms: ${toHex(meshOn(mesh, 'a').status().digest)}`;
  history.text = () => `${chaos.history}\n${outcome}`;
}

async function runTwice(task: ChaosTask, history: { text: () => string }): Promise<void> {
  const stories: string[] = [];
  for (let i = 0; i < 2; i++) {
    await runFaults(task, history);
    stories.push(history.text());
  }
  assert.equal(stories[0], stories[1]);
}

async function runMembership(
  { seed, nodes, steps }: ChaosTask,
  history: { text: () => string },
): Promise<void> {
  const names = allNames.slice(0, nodes);
  await using mesh = await meshOf('a', names.slice(1, 4), { seed });
  for (const name of names.slice(4)) await mesh.start(name);
  const chaos = new MembershipChaos(mesh, names);
  history.text = () => chaos.history;
  for (let i = 0; i < steps; i++) await chaos.step();
  chaos.assertAgreement(await chaos.settle());
}
