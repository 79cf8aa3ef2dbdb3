import { rm } from 'node:fs/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { toHex } from '@lattice/model';
import { SeededRandom } from '@lattice/testkit';
import { meterAllocation, takeAllocatedBytes } from './allocation-meter.js';
import { fuzzInput } from './mutate.js';
import type { FuzzMessage, FuzzTask } from './run.js';
import type { FuzzTarget } from './target.js';
import { makeDirectory } from './targets/files.js';
import { openTargets } from './targets.js';

const task = workerData as FuzzTask;
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
const post = (message: FuzzMessage) => parentPort?.postMessage(message);

/** Bytes that a decoder may allocate: so many for each of its input, and so many anyway. */
const perInputByte = 64;
const anyway = 2 * 1024 * 1024;

const directory = await makeDirectory();
try {
  const targets = (await openTargets(directory)).filter(({ name }) => task.targets.includes(name));
  meterAllocation();
  for (const target of targets) await run(target, task.targets.indexOf(target.name));
} finally {
  await rm(directory, { recursive: true, force: true });
}

/** All cases of one target, or those up to the first that goes wrong. */
async function run(target: FuzzTarget, number: number): Promise<void> {
  const cases = Math.ceil(task.cases * (target.share ?? 1));
  const seeds = new SeededRandom(task.seed + number * 7919);
  let accepted = 0;
  task.progress[0] = number;
  for (let i = 0; i < cases; i++) {
    task.progress[1] = i;
    const input = fuzzInput(seeds.fork(), target.samples);
    const problem = await problemWith(target, input.slice(), () => accepted++);
    if (problem === undefined) continue;
    post({ kind: 'finding', finding: { target: target.name, case: i, input: toHex(input), problem } });
    return;
  }
  post({ kind: 'report', report: { target: target.name, cases, accepted } });
}

async function problemWith(
  { decode }: FuzzTarget,
  input: Uint8Array,
  accept: () => void,
): Promise<string | undefined> {
  takeAllocatedBytes();
  try {
    // Most decoders are synchronous: waiting for each would take longer than they do.
    const decoding = decode(input);
    const outcome = typeof decoding === 'string' ? decoding : await decoding;
    if (outcome === 'accepted') accept();
  } catch (error) {
    return error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  const bytes = takeAllocatedBytes();
  if (bytes <= anyway + perInputByte * input.length) return undefined;
  return `${bytes} bytes allocated for an input of ${input.length}`;
}
