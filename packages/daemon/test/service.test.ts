import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, type NodeId, type StoreId, utf8 } from '@lattice/model';
import {
  assert as holds,
  asyncProperty,
  boolean,
  integer,
  option,
  uint8Array,
  uniqueArray,
} from 'fast-check';
import { collect, servedNode } from './rig.js';

test('a list comes in pages, and is whole in either direction', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  const key = uint8Array({ minLength: 1, maxLength: 3 });
  const keys = uniqueArray(key, { selector: String, maxLength: 60 });
  const limit = integer({ min: 0, max: 70 });
  await holds(
    asyncProperty(keys, option(key), option(key), boolean(), limit, async (all, gte, lt, reverse, max) => {
      const mesh = await node.createMesh();
      const kv = mesh.stores()[0]?.memoryKv;
      for (const [i, one] of all.entries()) await kv?.put(one, new Uint8Array(i % 7 === 0 ? 200_000 : 10));
      const bounds = { ...(gte === null ? {} : { gte }), ...(lt === null ? {} : { lt }) };
      const pages = await collect(client.list({ ...bounds, reverse, limit: BigInt(max) }));
      const found = pages.flatMap(({ items }) => items.map((item) => [...item.key]));
      const expected = [...(kv?.list({ ...bounds, reverse, ...(max === 0 ? {} : { limit: max }) }) ?? [])];
      assert.deepEqual(
        found,
        expected.map((item) => [...item.key]),
      );
      for (const { items } of pages) {
        const bytes = items.reduce((sum, { value }) => sum + value.length, 0);
        assert.ok(bytes < 256 * 1024 + 200_000 && items.length <= 1_000);
      }
    }),
    { numRuns: 30 },
  );
});

test('what a request does not name is what is selected, or what is obvious', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  const storeId = async (mesh: string, store: string) =>
    (await client.storeStatus({ target: { mesh, store } })).storeId;
  await assert.rejects(storeId('', ''), { code: 'no-mesh' });

  const first = await node.createMesh({ name: 'first' });
  const notes = await first.createStore({ name: 'notes' });
  await client.storeUse({ target: { store: 'notes' } });
  assert.equal(await storeId('', ''), notes.uuid);
  assert.equal(await storeId('', 'main'), first.store('main').uuid);

  const second = await node.createMesh({ name: 'second' });
  assert.equal(await storeId('', ''), second.store('main').uuid);
  assert.equal(await storeId('first', ''), first.store('main').uuid, 'main, since first is not selected');
  assert.equal(await storeId('first', 'notes'), notes.uuid);
  await assert.rejects(storeId('', 'notes'), { code: 'store-not-found' });

  await client.meshUse({ mesh: 'first' });
  const status = await client.nodeStatus({});
  assert.deepEqual([status.selectedMeshId, status.selectedStoreId], [first.uuid, first.store('main').uuid]);
});

test('joining selects the mesh and its store', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  node.tokens.set('ticket', 'theirs');
  const { meshId, storeId } = await client.meshJoin({ token: 'ticket' });
  const status = await client.nodeStatus({});
  assert.deepEqual([status.selectedMeshId, status.selectedStoreId], [meshId, storeId]);
});

test('what must reach others starts the network first, whoever asks', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  await node.createMesh();
  await client.storeList({});
  assert.equal(node.networkStarts, 0);
  await client.meshInvite({});
  await collect(client.storeSync({}));
  assert.equal(node.networkStarts, 2);
});

test('a store of another type refuses keys', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  await (await node.createMesh()).createStore({ type: 'log', name: 'journal' });
  const target = { store: 'journal' };
  await assert.rejects(client.get({ target, key: utf8('a') }), { code: 'store-type-mismatch' });
  await assert.rejects(collect(client.list({ target })), { code: 'store-type-mismatch' });
});

test('events come as they happen, and stop with the reader', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  const peer = new Uint8Array(32).fill(7) as NodeId;
  const mesh = new Uint8Array(32).fill(1) as Uint8Array as StoreId;
  const seen: string[] = [];
  for await (const { event } of client.subscribe({})) {
    seen.push(event.case ?? '');
    if (event.case === 'subscribed') node.emit({ kind: 'peer-online', mesh, peer, name: 'laptop' });
    if (event.case === 'peer') {
      assert.equal(event.value.name, 'laptop');
      assert.equal(event.value.nodeId, '07'.repeat(32));
      node.emit({ kind: 'fork-seen', store: mesh, author: peer });
    }
    if (event.case === 'forkSeen') break;
  }
  assert.deepEqual(seen, ['subscribed', 'peer', 'forkSeen']);
  await client.nodeStatus({});
  while (node.subscribers > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('a reader that is too slow is told what it missed, and changes of one store are told as one', async (context) => {
  const { node, owned } = await servedNode(context);
  const store = new Uint8Array(32).fill(1) as Uint8Array as StoreId;
  const events = owned.client.subscribe({})[Symbol.asyncIterator]();
  assert.equal((await events.next()).value?.event.case, 'subscribed');
  for (let i = 0; i < 500; i++) node.emit({ kind: 'store-changed', store, entries: 2 });
  for (let i = 0; i < 2_000; i++) node.emit({ kind: 'warning', level: 'warn', message: String(i) });
  const cases: string[] = [];
  let missed = 0n;
  for (let last = ''; last !== '1999';) {
    const { event } = (await events.next()).value ?? assert.fail('the stream ended');
    cases.push(event.case ?? '');
    if (event.case === 'missed') missed += event.value.events;
    if (event.case === 'storeChanged') assert.ok(event.value.entries <= 1_000n);
    if (event.case === 'warning') last = event.value.message;
  }
  await events.return?.();
  const told = BigInt(cases.filter((one) => one === 'warning' || one === 'storeChanged').length);
  assert.ok(told <= 1_026n, `${told} events were kept`);
  assert.ok(missed >= 970n, `${missed} were missed`);
});

test('a failing node is reported as such', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  const mesh = await node.createMesh();
  const kv = mesh.stores()[0]?.memoryKv;
  if (kv === undefined) return assert.fail('no store');
  kv.batch = () => Promise.reject(new LatticeError('disk-full', 'The disk is full: free some space.'));
  await assert.rejects(client.put({ key: utf8('a'), value: utf8('b') }), {
    code: 'disk-full',
    message: 'The disk is full: free some space.',
  });
});
