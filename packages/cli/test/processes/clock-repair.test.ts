import assert from 'node:assert/strict';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Machine } from './support/machine.js';
import { joined } from './support/pair.js';
import { until } from './support/until.js';

const hourMs = 3_600_000;
const items = 9;
/** A bundle holds few of these. */
const itemBytes = 250_000;

test('a repair of the clock that is killed again and again ends well, and each operation takes effect once, everywhere', async (context) => {
  const first = new Machine(context);
  await first.json('mesh', 'create', 'home');
  const { storeId } = (await first.json('store', 'create', '--type', 'log')) as { storeId: string };
  await first.json('store', 'use', storeId);
  await first.json('append', 'early');
  first.setClockAhead(2 * hourMs);
  const texts = Array.from({ length: items }, (_, i) => `item ${i} `.padEnd(itemBytes, '.'));
  const lines = texts.map((text, i) => `append @${first.write(`item-${i}`, text)}\n`);
  const { status, stderr } = await first.runWith(lines.join(''));
  assert.equal(status, 0, stderr);
  first.setClockAhead(0);
  assert.match(await warningsOf(first), /, 9 entries that this node wrote while its clock was ahead/);

  const expected = ['early', ...texts];
  const entriesAfter: number[] = [];
  for (let step = 1, isOver = false; !isOver; step += 2) {
    isOver = !(await isKilledInRepair(first, storeId, step));
    assert.deepEqual(await itemsOf(first), expected);
    entriesAfter.push(((await first.json('store', 'status')) as { entries: number }).entries);
  }
  const whole = expected.length + items;
  assert.equal(entriesAfter.at(-1), whole, 'each was issued again once');
  const isHalf = (entries: number) => entries > expected.length && entries < whole;
  assert.ok(entriesAfter.some(isHalf), `it was cut off in the middle: ${entriesAfter.join(', ')}`);

  assert.equal(await warningsOf(first), '');
  await first.json('append', 'late');
  await first.startDaemon();
  const second = await joined(context, first);
  await second.startDaemon();
  const knowsStore = async () => (await second.run('store', 'use', storeId)).status === 0;
  await until(knowsStore, 30_000, () => 'the store was not heard of');
  await until(
    async () => (await second.run('tail', '--lines', '1')).stdout === 'late\n',
    30_000,
    () => 'what was written did not arrive',
  );
  for (const machine of [first, second]) assert.deepEqual(await itemsOf(machine), [...expected, 'late']);
});

/** Kills a repair at the so many-th change to the log that it makes; `false` where it ended before. */
async function isKilledInRepair(machine: Machine, storeId: string, atChange: number): Promise<boolean> {
  let changes = 0;
  const child = machine.start('node', 'repair-clock');
  const watcher = watch(join(machine.dataDir, 'stores', storeId, 'logs'), () => {
    if (++changes === atChange) child.kill('SIGKILL');
  });
  const [status] = (await once(child, 'close')) as [number | null];
  watcher.close();
  return status !== 0;
}

async function itemsOf(machine: Machine): Promise<readonly string[]> {
  return (await machine.run('tail', '--lines', String(2 * items))).stdout.trimEnd().split('\n');
}

async function warningsOf(machine: Machine): Promise<string> {
  return ((await machine.json('node', 'status')) as { warnings: readonly string[] }).warnings.join('\n');
}
