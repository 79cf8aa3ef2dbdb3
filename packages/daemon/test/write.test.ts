import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { alterKv } from '@lattice/testkit';
import { mainStore, servedNode } from './rig.js';

test('a batch is acknowledged without waiting for the next', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  let send = (_more: boolean): void => undefined;
  async function* batches() {
    for (let i = 0; await new Promise<boolean>((resolve) => (send = resolve)); i++)
      yield { operations: [{ key: utf8(`k${i}`), value: utf8('v') }, { key: utf8('gone') }] };
  }
  const acks = client.write(batches())[Symbol.asyncIterator]();
  for (let i = 1n; i <= 3n; i++) {
    const ack = acks.next();
    await new Promise((resolve) => setImmediate(resolve));
    send(true);
    assert.deepEqual((await ack).value?.operations, 2n * i);
  }
  const end = acks.next();
  await new Promise((resolve) => setImmediate(resolve));
  send(false);
  assert.equal((await end).done, true);
});

test('batches are applied in order, a few at a time, and a fast sender waits', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  const applied: string[] = [];
  const waiting: (() => void)[] = [];
  alterKv(mainStore(node), (kv) => {
    const batch = kv.batch.bind(kv);
    kv.batch = async (writes) => {
      applied.push(String(writes[0]?.key));
      await new Promise<void>((resolve) => waiting.push(resolve));
      return batch(writes);
    };
  });
  const keys = Array.from({ length: 40 }, (_, i) => Uint8Array.of(i));
  let sent = 0;
  async function* batches() {
    for (const key of keys) {
      sent++;
      yield { operations: [{ key, value: new Uint8Array(100_000) }] };
    }
  }
  const acks = client.write(batches())[Symbol.asyncIterator]();
  for (let i = 0; i < keys.length; i++) {
    const ack = acks.next();
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
    assert.ok(waiting.length <= 8, `${waiting.length} at a time`);
    assert.ok(i > 5 || sent < keys.length, 'the sender does not run ahead without bound');
    waiting.shift()?.();
    assert.equal((await ack).value?.batches, BigInt(i + 1));
  }
  assert.equal((await acks.next()).done, true);
  assert.deepEqual(applied, keys.map(String));
  assert.equal([...mainStore(node).kv().list()].length, keys.length);
});

test('a call that is cancelled leaves nothing behind', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  const stop = new AbortController();
  async function* batches() {
    yield { operations: [{ key: utf8('a'), value: utf8('1') }] };
    await new Promise<void>(() => undefined);
  }
  const acks = client.write(batches(), { signal: stop.signal })[Symbol.asyncIterator]();
  await acks.next();
  stop.abort();
  await assert.rejects(acks.next(), { code: 'aborted' });
  await client.nodeStatus({});
});
