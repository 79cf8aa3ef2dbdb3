import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { Worker } from 'node:worker_threads';

export interface ChaosTask {
  /** `twice`: faults, and once more, to see that the same happens. */
  readonly kind: 'faults' | 'membership' | 'twice';
  readonly seed: number;
  readonly nodes: number;
  readonly steps: number;
}

export interface ChaosReport {
  /** What was done, and what went wrong then. */
  readonly failure?: string;
}

/**
 * One test for each seed: `count` of them, eight times as many where `LATTICE_LONG` is 1. `LATTICE_SEED` runs that one alone.
 */
export function testSeeds(name: string, count: number, taskOf: (seed: number) => ChaosTask): void {
  const worker = new Worker(new URL('./chaos-worker.js', import.meta.url));
  after(() => worker.terminate());
  const seeds = process.env.LATTICE_SEED
    ? [Number(process.env.LATTICE_SEED)]
    : Array.from({ length: process.env.LATTICE_LONG === '1' ? 8 * count : count }, (_, i) => i + 1);
  for (const seed of seeds) {
    test(`${name} (seed ${seed})`, () => runTask(worker, taskOf(seed)));
  }
}

async function runTask(worker: Worker, task: ChaosTask): Promise<void> {
  const reported = once(worker, 'message');
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origins
  worker.postMessage(task);
  const [{ failure }] = (await reported) as [ChaosReport];
  assert.equal(failure, undefined, failure);
}
