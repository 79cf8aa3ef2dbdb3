import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import {
  MemoryDisk,
  MemoryKv,
  MemoryKvContent,
  MemoryLog,
  MemoryLogContent,
  MemoryNodeStorage,
} from '@lattice/storage';

const uuid = '060e0f0d-1111-8111-8111-111111111111';
const key = utf8('key');

async function storeWithState(disk: MemoryDisk) {
  const store = await new MemoryNodeStorage(disk).createStore(uuid, utf8('genesis'));
  await store.log.append([utf8('one')]);
  const table = store.state.table('t');
  store.state.transaction(() => table.put(key, utf8('value')));
  return store;
}

test('a killed process leaves its log and its state', async () => {
  const disk = new MemoryDisk();
  const before = await storeWithState(disk);
  const unfinished = before.log.append([utf8('two')]);
  disk.kill();
  await assert.rejects(unfinished, { code: 'disk-failed' });
  assert.throws(() => before.log.read(before.log.end), /the log is open/);

  const after = await new MemoryNodeStorage(disk).openStore(uuid);
  assert.equal([...after.log.scan(0)].length, 1);
  assert.deepEqual(after.state.table('t').get(key), utf8('value'));
  assert.deepEqual(after.repairs, []);
});

test('a machine that crashed leaves the log, and says that the state is gone', async () => {
  const disk = new MemoryDisk();
  await storeWithState(disk);
  disk.crash();
  const after = await new MemoryNodeStorage(disk).openStore(uuid);
  assert.equal([...after.log.scan(0)].length, 1);
  assert.equal(after.state.table('t').get(key), undefined);
  assert.match(after.repairs.join(), /crash of the machine/);
});

test('a machine that crashed after the store was closed leaves the state', async () => {
  const disk = new MemoryDisk();
  await using before = await storeWithState(disk);
  await before[Symbol.asyncDispose]();
  disk.crash();
  const after = await new MemoryNodeStorage(disk).openStore(uuid);
  assert.deepEqual(after.state.table('t').get(key), utf8('value'));
  assert.deepEqual(after.repairs, []);
});

test('a damaged record is shown as damage and the others are read', async () => {
  const content = new MemoryLogContent();
  const log = new MemoryLog(content);
  const [a = 0, b = 0, c = 0] = await log.append([utf8('a'), utf8('b'), utf8('c')]);
  content.damage(b);
  assert.throws(() => log.read(b), { code: 'log-damaged' });
  assert.deepEqual(
    [...log.scan(0)].map(({ kind, offset }) => [kind, offset]),
    [
      ['record', a],
      ['damaged', b],
      ['record', c],
    ],
  );
});

test('an append that fails has appended nothing', async () => {
  const content = new MemoryLogContent();
  const log = new MemoryLog(content);
  content.failNextAppend('disk-full');
  await assert.rejects(log.append([utf8('a')]), { code: 'disk-full' });
  assert.deepEqual([...log.scan(0)], []);
  await log.append([utf8('b')]);
  assert.equal([...log.scan(0)].length, 1);
});

test('a commit that fails has changed nothing', () => {
  const content = new MemoryKvContent();
  const kv = new MemoryKv(content);
  const table = kv.table('t');
  content.failNextCommit('disk-full');
  assert.throws(() => kv.transaction(() => table.put(key, utf8('a'))), { code: 'disk-full' });
  assert.equal(table.get(key), undefined);
});
