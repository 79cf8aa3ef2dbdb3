import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canMakeNamespaces } from '@lattice/net/testing';
import { allHave, meshBehind, putEverywhere, routed, withinMs } from '../support/hosts.js';
import { converged } from '../support/pair.js';

const options = { skip: canMakeNamespaces() ? false : 'needs root and the package iproute2' };
const isLong = process.env['LATTICE_LONG'] === '1';
const partedMs = isLong ? 30_000 : 8_000;

test(
  'what both sides of a partition wrote is everywhere once it heals, as soon as they see each other',
  options,
  async (context) => {
    const router = routed(context);
    const hosts = await meshBehind(context, router, [41, 42, 43]);
    await putEverywhere(hosts, 'before');
    await allHave(hosts, ['before']);
    for (const other of [41, 42]) router.part(other, 43);
    const healed = new Promise((resolve) => setTimeout(resolve, partedMs));
    await putEverywhere(hosts, 'parted');
    await healed;
    assert.equal(await hosts[2]?.machine.peek('parted/41'), undefined, 'nothing came through');
    router.heal();
    await allHave(hosts, ['before', 'parted']);
  },
);

test('a host that is elsewhere from one moment to the next goes on from there', options, async (context) => {
  const router = routed(context);
  const hosts = await meshBehind(context, router, [51, 52]);
  const [first, second] = hosts;
  assert(first && second);
  await putEverywhere(hosts, 'before');
  await allHave(hosts, ['before']);
  second.namespace.run('ip', 'link', 'delete', 'e0');
  router.attach(second.namespace, 53);
  await first.machine.json('put', 'moved', 'yes');
  await second.machine.untilHas('moved', 'yes', withinMs);
});

test('over a link that comes and goes all arrives', options, async (context) => {
  const router = routed(context);
  const hosts = await meshBehind(context, router, [61, 62]);
  const [first, second] = hosts;
  assert(first && second);
  for (let round = 0; round < 5; round++) {
    second.namespace.run('ip', 'link', 'set', 'e0', 'down');
    await putEverywhere(hosts, `down${round}`);
    second.namespace.run('ip', 'link', 'set', 'e0', 'up');
    router.place(second.namespace, second.network);
    await putEverywhere(hosts, `up${round}`);
  }
  await allHave(hosts, ['down0', 'up0', 'down4', 'up4']);
});

for (const far of isLong ? [false, true] : [false]) {
  const where = far ? ', over 80 ms and 2 % of loss,' : '';
  test(
    `a node that is killed in the middle of a sync${where} goes on where it was`,
    options,
    async (context) => {
      const router = routed(context);
      const hosts = await meshBehind(context, router, [71, 72], '0.0.0.0:4001');
      const [first, second] = hosts;
      assert(first && second);
      await second.machine.stopDaemon();
      if (far) await router.delay(71, 72, 4_001, 40);
      if (far) router.lose(2);
      const lines = Array.from({ length: 20_000 }, (_, i) =>
        JSON.stringify({ key: `line/${i}`, value: 'x'.repeat(200) }),
      );
      const { status, stderr } = await first.machine.run(
        'import',
        first.machine.write('lines.ndjson', lines.join('\n')),
      );
      assert.equal(status, 0, stderr);
      for (let round = 0; round < 4; round++) {
        const { entries } = await first.machine.holds();
        await second.machine.startDaemon();
        while ((await second.machine.holds()).entries <= (round * entries) / 8);
        await second.machine.stopDaemon('SIGKILL');
      }
      await second.machine.startDaemon();
      await converged(first.machine, second.machine);
      assert.equal(await second.machine.peek('line/19999'), 'x'.repeat(200));
    },
  );
}
