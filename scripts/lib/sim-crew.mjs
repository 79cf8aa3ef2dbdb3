// Processes that run seeds for `npm run sim -- --jobs`: each is given one after the other.
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const worker = fileURLToPath(new URL('../sim-worker.mjs', import.meta.url));
/**
 * A run leaves much behind that lives for moments only: with little room for it, collecting it takes a quarter of the time. There
 * are as many processes as there is work for: threads of V8 beside them only get in their way.
 */
const execArgv = ['--max-semi-space-size=64', '--single-threaded'];

/** Calls `onSeed` with what became of each seed from `from` on, in any order. Resolves when all are through. */
export async function runCrew({ from, seeds, jobs, ...options }, onSeed) {
  let next = from;
  const take = () => (next < from + seeds ? next++ : undefined);
  await Promise.all(Array.from({ length: Math.min(jobs, seeds) }, () => work(options, take, onSeed)));
}

/** One process at a time. A seed at which it ends has found something, and the next ones have another. */
async function work(options, take, onSeed) {
  let child;
  for (let seed = take(); seed !== undefined; seed = take()) {
    child ??= fork(worker, { execArgv });
    const outcome = await askOf(child, { seed, options });
    if (outcome.hasEnded) child = undefined;
    onSeed(outcome);
  }
  child?.disconnect();
}

function askOf(child, question) {
  return new Promise((resolve) => {
    const onExit = (code, signal) => {
      const found = [`seed ${question.seed}:`, `  its process has ended: ${signal ?? `status ${code}`}`];
      resolve({
        ...question,
        found,
        steps: 0,
        virtualMs: 0,
        digest: '',
        counts: [],
        cpuMs: 0,
        hasEnded: true,
      });
    };
    child.once('exit', onExit);
    child.once('message', (outcome) => {
      child.off('exit', onExit);
      resolve(outcome);
    });
    child.send(question);
  });
}
