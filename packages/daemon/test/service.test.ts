import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PeerEventKind, PeerStatus, StoreEventKind } from '@lattice/api';
import type { LatticeClient } from '@lattice/api';
import { LatticeError, toHex, utf8 } from '@lattice/model';
import { alterKv, backUp, restore, subscriptionsOf } from '@lattice/testkit';
import {
  assert as holds,
  asyncProperty,
  boolean,
  integer,
  option,
  uint8Array,
  uniqueArray,
} from 'fast-check';
import { collect, mainStore, servedNode } from './rig.js';

test('a list comes in pages, and is whole in either direction', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  const key = uint8Array({ minLength: 1, maxLength: 3 });
  const keys = uniqueArray(key, { selector: String, maxLength: 60 });
  const limit = integer({ min: 0, max: 70 });
  await holds(
    asyncProperty(keys, option(key), option(key), boolean(), limit, async (all, gte, lt, reverse, max) => {
      const mesh = await node.createMesh();
      const kv = mesh.store('main').kv();
      const bytesOf = (i: number) => (i % 7 === 0 ? 200_000 : 10);
      await Promise.all(all.map((one, i) => kv.put(one, new Uint8Array(bytesOf(i)))));
      const bounds = { ...(gte === null ? {} : { gte }), ...(lt === null ? {} : { lt }) };
      const pages = await collect(client.list({ ...bounds, reverse, limit: BigInt(max) }));
      const found = pages.flatMap(({ items }) => items.map((item) => [...item.key]));
      const expected = [...kv.list({ ...bounds, reverse, ...(max === 0 ? {} : { limit: max }) })];
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
  const { nodes, connectClient } = await servedNode(context);
  const client = await connectClient();
  const laptop = await nodes.machine('laptop').open();
  await laptop.startNetwork();
  const theirs = await laptop.createMesh({ name: 'theirs' });
  const { token } = await theirs.createInvite();
  const { meshId, storeId } = await client.meshJoin({ token });
  assert.deepEqual([meshId, storeId], [theirs.uuid, theirs.store('main').uuid]);
  const status = await client.nodeStatus({});
  assert.deepEqual([status.selectedMeshId, status.selectedStoreId], [meshId, storeId]);
});

test('what must reach others starts the network first, whoever asks', async (context) => {
  const calls: readonly ((client: LatticeClient) => Promise<unknown>)[] = [
    (client) => client.meshInvite({}),
    (client) => collect(client.storeSync({})),
  ];
  for (const call of calls) {
    const { machine, node, connectClient } = await servedNode(context);
    const client = await connectClient();
    await node.createMesh();
    await client.storeList({});
    assert.equal(machine.networkStarts, 0);
    await call(client);
    assert.equal(machine.networkStarts, 1);
  }
});

test('events come as they happen, and stop with the reader', async (context) => {
  const { nodes, node, connectClient } = await servedNode(context);
  const client = await connectClient();
  await node.createMesh();
  await nodes.join('laptop', 'desk');
  const subscriptions = subscriptionsOf(node);
  const seen: string[] = [];
  for await (const { event } of client.subscribe({})) {
    seen.push(event.case ?? '');
    if (event.case === 'subscribed') await (await nodes.machine('laptop').open()).startNetwork();
    if (event.case === 'peer') {
      assert.equal(event.value.name, 'laptop');
      assert.equal(event.value.nodeId, toHex(nodes.machine('laptop').nodeId));
      await mainStore(node).kv().put(utf8('a'), utf8('1'));
    }
    if (event.case === 'storeChanged') break;
  }
  assert.deepEqual(seen, ['subscribed', 'peer', 'storeChanged']);
  await client.nodeStatus({});
  while (subscriptions.count > 0) await new Promise((resolve) => setImmediate(resolve));
});

test('a node that goes on from a restored backup is told of as a fork', async (context) => {
  const { nodes, node, owned } = await servedNode(context);
  await node.createMesh();
  await nodes.join('laptop', 'desk');
  const laptop = nodes.machine('laptop');
  const backup = backUp(laptop.disk);
  const write = (value: string) =>
    nodes.alone('laptop', (alone) => mainStore(alone).kv().put(utf8('a'), utf8(value)));
  await write('first life');
  await nodes.meet('desk', 'laptop');
  restore(laptop.disk, backup);
  await write('second life');
  const meeting = nodes.meet('desk', 'laptop');
  for await (const { event } of owned.client.subscribe({})) {
    if (event.case !== 'forkSeen') continue;
    const { storeId, author } = event.value;
    assert.deepEqual([storeId, author], [mainStore(node).uuid, toHex(laptop.nodeId)]);
    break;
  }
  await meeting;
});

test('a reader that is too slow is told what it missed, and changes of one store are told as one', async (context) => {
  const { node, owned } = await servedNode(context);
  const mesh = await node.createMesh();
  const [even, odd] = [mesh.store('main').kv(), (await mesh.createStore({ name: 'odd' })).kv()];
  const events = owned.client.subscribe({})[Symbol.asyncIterator]();
  assert.equal((await events.next()).value?.event.case, 'subscribed');
  const write = (i: number) => (i % 2 === 0 ? even : odd).put(utf8('a'), utf8(String(i)));
  for (let i = 0; i < 1_200; i++) await write(i);
  for (let i = 0; i < 50; i++) await write(0);
  let [told, missed, last] = [0n, 0n, 0n];
  while (last < 50n) {
    const { event } = (await events.next()).value ?? assert.fail('the stream ended');
    if (event.case === 'missed') missed += event.value.events;
    if (event.case !== 'storeChanged') continue;
    told++;
    last = event.value.entries;
  }
  await events.return?.();
  assert.equal(last, 50n);
  assert.ok(told <= 1_026n, `${told} events were kept`);
  assert.equal(missed + told, 1_201n);
});

test('a failing node is reported as such', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  await node.createMesh();
  const full = () => Promise.reject(new LatticeError('disk-full', 'The disk is full: free some space.'));
  alterKv(mainStore(node), (kv) => (kv.put = full));
  await assert.rejects(client.put({ key: utf8('a'), value: utf8('b') }), {
    code: 'disk-full',
    message: 'The disk is full: free some space.',
  });
});

test('what happens to the list of stores is told, and who did it', async (context) => {
  const { nodes, machine, owned } = await servedNode(context);
  const home = await machine.node.createMesh({ name: 'home' });
  await nodes.join('laptop', 'desk');
  const seen: string[] = [];
  for await (const { event } of owned.client.subscribe({})) {
    if (event.case === 'subscribed') {
      const notes = await home.createStore({ name: 'notes' });
      await notes.rename('diary');
      await notes.delete();
      const laptop = await nodes.machine('laptop').open();
      await laptop.startNetwork();
      await laptop.setName('lap');
      await laptop.meshes()[0]?.createStore({ name: 'theirs' });
      await laptop.leaveMesh(laptop.meshes()[0] ?? home);
    }
    if (event.case === 'store')
      seen.push(`${StoreEventKind[event.value.kind]} ${event.value.name} ${event.value.own}`);
    if (event.case !== 'peer' || event.value.kind !== PeerEventKind.LEFT) continue;
    assert.equal(event.value.name, 'lap');
    break;
  }
  assert.deepEqual(seen, [
    'CREATED notes true',
    'RENAMED diary true',
    'DELETED diary true',
    'CREATED theirs false',
  ]);
  const { peers } = await owned.client.meshPeers({});
  assert.deepEqual(
    peers.map(({ status }) => status),
    [PeerStatus.MEMBER, PeerStatus.LEFT],
  );
});
