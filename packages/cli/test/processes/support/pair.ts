import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Machine } from './machine.js';
import { until } from './until.js';

/** Two machines in one mesh, with their daemons running: the first has made it, the second has joined. */
export async function pair(context: TestContext): Promise<readonly [Machine, Machine]> {
  const first = new Machine(context);
  await first.json('mesh', 'create', 'home');
  await first.startDaemon();
  const second = await joined(context, first);
  await second.startDaemon();
  return [first, second];
}

/** A further machine that joins through one whose daemon runs. */
export async function joined(context: TestContext, through: Machine): Promise<Machine> {
  const { token } = (await through.json('mesh', 'invite')) as { token: string };
  const machine = new Machine(context);
  await machine.json('mesh', 'join', token);
  return machine;
}

/** Waits until all machines, whose daemons run, hold the same entries of the selected store; returns its digest. */
export async function converged(...machines: readonly Machine[]): Promise<string> {
  let digests: readonly string[] = [];
  await until(
    async () => {
      digests = await Promise.all(machines.map(async (machine) => (await machine.holds()).digest));
      return new Set(digests).size === 1;
    },
    30_000,
    () => `digests were not equal (${digests.map((digest) => digest.slice(0, 8)).join(', ')})`,
  );
  const [digest] = digests;
  assert(digest);
  return digest;
}
