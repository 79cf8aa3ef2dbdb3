import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { canMakeNamespaces, Namespace } from '@lattice/net/testing';
import { allHave, makeMesh, meshBehind, putEverywhere, routed, withinMs } from '../support/hosts.js';
import { Machine } from '../support/machine.js';

const options = { skip: canMakeNamespaces() ? false : 'needs root and the package iproute2' };
/** A longer sleep is one that the others have noticed. */
const asleepMs = process.env['LATTICE_LONG'] === '1' ? 20_000 : 7_000;

test(
  'a host that slept, and wakes up in another network, has what was written meanwhile',
  options,
  async (context) => {
    const router = routed(context);
    const hosts = await meshBehind(context, router, [81, 82]);
    const [first, second] = hosts;
    assert(first && second);
    await putEverywhere(hosts, 'before');
    await allHave(hosts, ['before']);
    second.machine.signalDaemon('SIGSTOP');
    second.namespace.run('ip', 'link', 'delete', 'e0');
    await first.machine.json('put', 'meanwhile', 'yes');
    router.attach(second.namespace, 83);
    await pause(asleepMs);
    second.machine.signalDaemon('SIGCONT');
    await second.machine.untilHas('meanwhile', 'yes', withinMs);
    await putEverywhere(hosts, 'after');
    await allHave(hosts, ['after']);
  },
);

test('five hosts on two networks become equal, and tell who is on theirs', options, async (context) => {
  const router = routed(context);
  const hosts = [91, 91, 91, 92, 92].map((network, i) => {
    const namespace = new Namespace(`host${i}`);
    context.after(() => namespace[Symbol.dispose]());
    if (i === 0 || i === 3) router.lay(network);
    router.plug(namespace, network, 2 + i);
    return { namespace, network, machine: new Machine(context, { network: namespace }) };
  });
  await makeMesh(hosts);
  await Promise.all(hosts.map(({ machine }, i) => machine.json('put', `from/${i}`, 'yes')));
  for (const { machine } of hosts)
    for (const i of hosts.keys()) await machine.untilHas(`from/${i}`, 'yes', withinMs);
  const [first] = hosts;
  assert(first);
  const peers = (await first.machine.json('mesh', 'peers')) as readonly { readonly path: string | null }[];
  const paths = peers.map(({ path }) => path?.split(':')[0]);
  for (const i of [1, 2]) assert(paths.includes(`lan 10.91.0.${2 + i}`), paths.join());
  for (const i of [3, 4]) assert(paths.includes(`direct 10.92.0.${2 + i}`), paths.join());
});
