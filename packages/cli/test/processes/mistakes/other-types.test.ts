import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DataDirectory } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { realTimers } from '../../../../net/test/support/real-timers.js';
import { writeFromTheFuture } from '../../../../node/test/support/future-store.js';
import { Machine } from '../support/machine.js';
import { refused } from '../support/refused.js';

const random = new SeededRandom(3);

test('commands for keys say of a store of another type that it is one, and do nothing to it', async (context) => {
  const machine = new Machine(context);
  const { meshId } = (await machine.json('mesh', 'create', 'home')) as { meshId: string };
  {
    await using storage = await DataDirectory.open(machine.dataDir, { random });
    const time = { ...realTimers, nowMs: () => Date.UTC(2026, 0) };
    await writeFromTheFuture(storage, meshId, time, random);
  }
  const before = await machine.json('store', 'status', '--store', 'sketches');
  const commands = [
    ['put', 'key', 'value'],
    ['get', 'key'],
    ['delete', 'key'],
    ['list'],
    ['history', 'key'],
    ['watch'],
    ['export'],
    ['import', machine.write('one.ndjson', '{"key":"a","value":"1"}\n')],
  ];
  for (const argv of commands)
    await refused(machine, [...argv, '--store', 'sketches'], 1, /sketches.*of type .?drawing.*--store/);
  assert.deepEqual(await machine.json('store', 'status', '--store', 'sketches'), before);
  const stores = (await machine.json('store', 'list')) as readonly { name: string; type: string }[];
  assert.deepEqual(
    stores.map(({ name, type }) => [name, type]),
    [
      ['main', 'kv'],
      ['sketches', 'drawing'],
    ],
  );
  await refused(machine, ['store', 'create', '--type', 'drawing'], 1, /type "drawing"/);
});
