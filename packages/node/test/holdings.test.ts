import assert from 'node:assert/strict';
import { test } from 'node:test';
import { idKey } from '@lattice/model';
import type { PeerStatus, PeerStoreStatus } from '@lattice/node';
import { join, meshOf, meshOn, type Nodes, nodes, put, storeOn } from './support/nodes.js';

/** Within a second it is told; then it travels. */
const toldWithinMs = 1_100;

test('who has the same says so within a second, of the mesh store too', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'a', 'key', 'value');
  await mesh.until('b is known to have it', () => isInSync(mesh, 'a', 'b'), toldWithinMs);
  await mesh.until('and a by b', () => isInSync(mesh, 'b', 'a'), toldWithinMs);
  assert.equal(peerFor(mesh, 'a', 'b').stores.length, 2);
  assert.deepEqual(peerFor(mesh, 'a', 'a').stores, []);
});

test('a write is at once known to be missing elsewhere, and how long ago that was heard', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.until('in sync', () => isInSync(mesh, 'a', 'b'), 5_000);
  mesh.partition(['a'], ['b']);
  const beforeMs = mesh.time.nowMs();
  for (const key of ['1', '2', '3']) await put(mesh, 'a', key, 'value');
  const { inSync, lacks, asOfMs } = mainFor(mesh, 'a', 'b');
  assert.deepEqual([inSync, lacks], [false, 3]);
  assert(asOfMs <= beforeMs);

  await mesh.advance(60_000);
  assert.equal(mainFor(mesh, 'a', 'b').lacks, 3);
  mesh.heal();
  await mesh.settle();
  await mesh.until('b is known to have it', () => isInSync(mesh, 'a', 'b'), toldWithinMs);
});

test('a peer that has more lacks nothing for certain, and is not in sync', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.until('in sync', () => isInSync(mesh, 'a', 'b'), 5_000);
  // What b says comes through, and what it writes does not.
  mesh.loss = (from, _to, frame) => from === 'b' && frame.length > 200;
  for (const key of ['1', '2']) await put(mesh, 'b', key, 'x'.repeat(200));
  await mesh.until('b has more', () => !mainFor(mesh, 'a', 'b').inSync, toldWithinMs);
  assert.equal(mainFor(mesh, 'a', 'b').lacks, 0);
});

test('what was heard survives a restart without a network, with its time', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'a', 'key', 'value');
  await mesh.until('in sync', () => isInSync(mesh, 'a', 'b'), 5_000);
  await mesh.stop('b');
  await put(mesh, 'a', 'only here', 'value');
  await mesh.advance(100);
  const before = peerFor(mesh, 'a', 'b');
  await mesh.restart('a');
  const { stores, lastSeenMs, clockAheadMs } = peerFor(mesh, 'a', 'b');
  assert.deepEqual(stores, before.stores);
  assert.equal(mainFor(mesh, 'a', 'b').lacks, 1);
  assert.equal(lastSeenMs, before.lastSeenMs);
  assert.equal(clockAheadMs, undefined);
});

test('a killed node remembers all but the last minute', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.until('in sync', () => isInSync(mesh, 'a', 'b'), 5_000);
  await mesh.advance(61_000);
  await mesh.kill('b');
  await mesh.kill('a');
  await mesh.start('a');
  assert(isInSync(mesh, 'a', 'b'));
});

test('what a full disk does not take is written down when there is room', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.advance(61_000);
  mesh.machine('a').disk.meta.failNextCommit('disk-full');
  await put(mesh, 'b', 'key', 'value');
  await mesh.advance(61_000);
  assert(isInSync(mesh, 'a', 'b'));
  await mesh.advance(61_000);
  await mesh.kill('b');
  await mesh.kill('a');
  await mesh.start('a');
  assert(isInSync(mesh, 'a', 'b'));
});

test('who joined and left at once is known to have what it got, and knows what the others have', async () => {
  await using mesh = await meshOf('a', []);
  await put(mesh, 'a', 'key', 'value');
  await mesh.start('b');
  await join(mesh, 'b', 'a');
  // No second passes in which it could be told in peace.
  await mesh.advance(20);
  await mesh.stop('b');
  assert(isInSync(mesh, 'a', 'b'));
  await mesh.stop('a');
  await mesh.start('b');
  assert(isInSync(mesh, 'b', 'a'));
});

test('a new store of a mesh is spoken of too, and a third node is no news to anybody', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' }));
  await mesh.settle();
  await put(mesh, 'b', 'key', 'value', 'notes');
  await mesh.until(
    'all know all',
    () =>
      ['a', 'b', 'c'].every((one) =>
        ['a', 'b', 'c'].every((other) => one === other || knowsAll(mesh, one, other)),
      ),
    5_000,
  );
});

test('of a former member nothing is kept once the node starts again', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.advance(61_000);
  const holdings = () => mesh.machine('a').disk.meta.tables.get('holdings')?.size;
  assert.equal(holdings(), 2);
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('c').nodeId));
  await mesh.restart('a');
  assert.equal(holdings(), 1);
});

test('of two meshes, each is spoken of only to its own members', async () => {
  await using mesh = nodes();
  const a = await mesh.start('a');
  const [home, work] = [
    await mesh.run(a.createMesh({ name: 'home' })),
    await mesh.run(a.createMesh({ name: 'work' })),
  ];
  const b = await mesh.start('b');
  await mesh.run(b.joinMesh((await mesh.run(home.createInvite())).token));
  const workIds = [work.id, ...work.stores().map(({ id }) => id)];
  const received = mesh.record('b');
  await mesh.run(work.store('main').kv().put(Uint8Array.of(1), Uint8Array.of(1)));
  await mesh.advance(10_000);
  assert(received.length > 0);
  for (const piece of received)
    for (const id of workIds)
      assert(!Buffer.from(piece).includes(Buffer.from(id)), 'b hears nothing of work');
});

function peerFor(mesh: Nodes, name: string, other: string): PeerStatus {
  const { nodeId } = mesh.machine(other);
  const peer = meshOn(mesh, name)
    .peers()
    .find((one) => idKey(one.nodeId) === idKey(nodeId));
  assert(peer, `${name} knows ${other}`);
  return peer;
}

/** Of the store "main", as far as `name` knows. */
function mainFor(mesh: Nodes, name: string, other: string): PeerStoreStatus {
  const { id } = storeOn(mesh, name);
  const main = peerFor(mesh, name, other).stores.find(({ store }) => idKey(store) === idKey(id));
  assert(main, `${other} has said what it has of main`);
  return main;
}

function isInSync(mesh: Nodes, name: string, other: string): boolean {
  const { stores } = peerFor(mesh, name, other);
  return stores.length > 0 && stores.every(({ inSync }) => inSync);
}

function knowsAll(mesh: Nodes, name: string, other: string): boolean {
  return isInSync(mesh, name, other) && peerFor(mesh, name, other).stores.length === 3;
}
