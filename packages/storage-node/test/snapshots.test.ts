import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import { openGuardedKv } from '@lattice/storage-node';
import { TemporaryDirectory } from './support/temporary-directory.js';

const keys = Array.from({ length: 2_000 }, (_, i) => utf8(`key ${String(i).padStart(5, '0')}`));

test('a file grows while a snapshot is open, and no more once it is disposed of', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('state.db');
  await using kv = await open(path);
  const bytesAfter = async (rounds: number) => {
    for (let i = 0; i < rounds; i++) await overwrite(kv, i);
    return (await stat(path)).size;
  };
  await bytesAfter(5);
  const before = await bytesAfter(30);
  assert.equal(await bytesAfter(30), before, 'without one, what is freed is reused');

  const snapshot = kv.snapshot();
  const grown = await bytesAfter(60);
  assert.ok(grown > 10 * before, `${before} bytes, then ${grown}`);
  assert.equal(snapshot.table('t').get(keys[7] as Uint8Array)?.[0], 29);
  snapshot[Symbol.dispose]();
  assert.equal(await bytesAfter(60), grown, 'afterwards, what was freed meanwhile is');
});

test('a snapshot is read on while the file outgrows what LMDB had mapped of it', async () => {
  await using directory = await TemporaryDirectory.make();
  await using kv = await open(directory.join('state.db'), 1024 ** 2);
  await overwrite(kv, 1);
  using snapshot = kv.snapshot();
  const then = snapshot.table('t');
  const range = then.range()[Symbol.iterator]();
  for (let i = 0; i < keys.length; i++) {
    const { value } = range.next();
    assert.deepEqual([value?.[0], value?.[1][0]], [keys[i], 1]);
    if (i % 40 > 0) continue;
    await overwrite(kv, 2);
  }
  assert.ok((await stat(directory.join('state.db'))).size > 8 * 1024 ** 2);
});

async function open(path: string, mapBytes?: number): Promise<OrderedKv> {
  return (await openGuardedKv(path, { durable: false, bootId: 'this run', ...(mapBytes && { mapBytes }) }))
    .kv;
}

async function overwrite(kv: OrderedKv, byte: number): Promise<void> {
  const table = kv.table('t');
  kv.transaction(() => {
    for (const key of keys) table.put(key, new Uint8Array(100).fill(byte));
  });
  await kv.flush();
}
