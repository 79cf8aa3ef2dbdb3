import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { broadcastId, Payloads } from '@lattice/gossip';
import { parseHash, type StoreId } from '@lattice/model';

const store = parseHash(new Uint8Array(32)) as StoreId;

test('what was spread can be had for a while, and up to a number of bytes, the newest longest', () => {
  const payloads = new Payloads();
  const add = (n: number, nowMs: number) => {
    const bundle = new Uint8Array(1024 * 1024).fill(n);
    const id = broadcastId(store, bundle);
    payloads.add(id, { store, bundle }, nowMs);
    return id;
  };
  const ids = Array.from({ length: 10 }, (_, n) => add(n, 0));
  assert.deepEqual(
    ids.map((id) => payloads.get(id) !== undefined),
    ids.map((_, n) => n >= 2),
  );
  const last = add(10, 61_000);
  assert.ok(payloads.get(last));
  assert.ok(ids.every((id) => payloads.get(id) === undefined));
});
