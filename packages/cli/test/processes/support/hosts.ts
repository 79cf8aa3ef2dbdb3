import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Namespace, Router } from '@lattice/net/testing';
import { Machine } from './machine.js';
import { converged } from './pair.js';

/** A bound of waiting on a busy machine, not a promise. */
export const withinMs = 60_000;

export interface Host {
  readonly namespace: Namespace;
  readonly machine: Machine;
  readonly network: number;
}

/** Hosts behind one router, each with a network of its own but where the same is given twice; the first has made the mesh. */
export async function meshBehind(
  context: TestContext,
  router: Router,
  networks: readonly number[],
  bind?: string,
): Promise<readonly Host[]> {
  const hosts = networks.map((network) => {
    const namespace = new Namespace(`host${network}`);
    context.after(() => namespace[Symbol.dispose]());
    router.attach(namespace, network);
    const machine = new Machine(context, { network: namespace, ...(bind === undefined ? {} : { bind }) });
    return { namespace, machine, network };
  });
  await makeMesh(hosts);
  return hosts;
}

/** The first makes a mesh, which the others join; the daemons of all run. */
export async function makeMesh([first, ...others]: readonly Pick<Host, 'machine'>[]): Promise<void> {
  assert(first);
  await first.machine.json('mesh', 'create', 'home');
  await first.machine.startDaemon();
  for (const { machine } of others) {
    const { token } = (await first.machine.json('mesh', 'invite')) as { token: string };
    await machine.json('mesh', 'join', token);
    await machine.startDaemon();
  }
}

export function routed(context: TestContext): Router {
  const router = new Router('router');
  context.after(() => router[Symbol.dispose]());
  return router;
}

export async function putEverywhere(hosts: readonly Host[], key: string): Promise<void> {
  await Promise.all(hosts.map(({ machine, network }) => machine.json('put', `${key}/${network}`, key)));
}

export async function allHave(hosts: readonly Host[], keys: readonly string[]): Promise<void> {
  for (const key of keys)
    for (const { network } of hosts)
      for (const { machine } of hosts) await machine.untilHas(`${key}/${network}`, key, withinMs);
  await converged(...hosts.map(({ machine }) => machine));
}
