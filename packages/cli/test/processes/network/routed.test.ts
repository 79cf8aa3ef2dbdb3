import { test } from 'node:test';
import { canMakeNamespaces } from '@lattice/net/testing';
import { allHave, meshBehind, putEverywhere, routed } from '../support/hosts.js';

const options = { skip: canMakeNamespaces() ? false : 'needs root and the package iproute2' };

test('two hosts with 80 ms between them and 2 % of packets lost become equal', options, async (context) => {
  const router = routed(context);
  const hosts = await meshBehind(context, router, [21, 22], '0.0.0.0:4001');
  for (const { machine } of hosts) await machine.stopDaemon();
  await router.delay(21, 22, 4_001, 40);
  router.lose(2);
  for (const { machine } of hosts) await machine.startDaemon();
  const [first] = hosts;
  const lines = Array.from({ length: 3_000 }, (_, i) =>
    JSON.stringify({ key: `line/${i}`, value: 'x'.repeat(100) }),
  );
  await first?.machine.run('import', first.machine.write('lines.ndjson', lines.join('\n')));
  await putEverywhere(hosts, 'far');
  await allHave(hosts, ['far']);
});

test('two hosts behind one NAT and one outside become equal, whoever writes', options, async (context) => {
  const router = routed(context);
  const hosts = await meshBehind(context, router, [33, 31, 32]);
  for (const { machine } of hosts) await machine.stopDaemon();
  router.hide(31, 33);
  router.hide(32, 33);
  for (const { machine } of hosts) await machine.startDaemon();
  await putEverywhere(hosts, 'nat');
  await allHave(hosts, ['nat']);
});
