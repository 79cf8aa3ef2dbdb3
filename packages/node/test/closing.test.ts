import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError } from '@lattice/model';
import { contents, invite, meshOf, meshOn, nodes, put, storeOn } from './support/nodes.js';

// That a node leaves no timers and no connections behind is checked by the harness, whenever it stops one.

test('a node can be closed again and again, and at once by several', async () => {
  await using mesh = await meshOf('a', ['b']);
  const node = mesh.node('a');
  const close = () => Promise.resolve(node[Symbol.asyncDispose]());
  await mesh.run(Promise.all([close(), close()]));
  await mesh.run(close());
  await mesh.stop('a');
  await mesh.start('a');
  await mesh.settle();
});

test('a node that was never on the network, or never in a mesh, closes as well', async () => {
  await using mesh = nodes({ online: false });
  await mesh.start('a');
  await mesh.stop('a');
  const node = await mesh.start('a');
  await mesh.run(node.createMesh());
  await mesh.stop('a');
  assert.equal((await mesh.start('a')).meshes().length, 1);
});

test('with all nodes closed, no timer is left anywhere', async () => {
  const mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'a', 'key', 'value');
  await mesh.stop('b');
  await mesh.advance(30_000);
  await mesh[Symbol.asyncDispose]();
  await mesh.advance(30_000);
  assert.equal(mesh.time.timersSet, 0);
});

test('a node that is closed while it waits for members, to sync or to revoke one, gives that up at once', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.stop('b');
  const home = meshOn(mesh, 'a');
  const beganMs = mesh.time.monotonicMs();
  const works = [home.revoke(mesh.machine('b').nodeId), storeOn(mesh, 'a').sync()];
  const outcomes = works.map((work) => assert.rejects(work, LatticeError));
  await mesh.stop('a');
  await mesh.run(Promise.all(outcomes));
  assert(mesh.time.monotonicMs() - beganMs < 1_000);
});

test('a write that was under way when the node was closed is there afterwards, or was refused', async () => {
  await using mesh = await meshOf('a', []);
  const kv = storeOn(mesh, 'a').kv();
  const key = (i: number) => new TextEncoder().encode(`key ${i}`);
  const writes = Array.from({ length: 20 }, (_, i) => kv.put(key(i), key(i)));
  const [outcomes] = await mesh.run(Promise.all([Promise.allSettled(writes), mesh.stop('a')]));
  await mesh.start('a');
  const there = contents(mesh, 'a');
  outcomes.forEach((outcome, i) => {
    if (outcome.status === 'fulfilled') assert(there[`key ${i}`]);
    else assert.equal(outcome.reason.code, 'store-closed');
  });
});

test('closing either side in the middle of a sync is clean, and the rest comes later', async () => {
  for (const closing of ['a', 'b']) {
    for (const afterMs of [1, 5, 9, 13, 20]) {
      await using mesh = await meshOf('a', ['b']);
      await mesh.stop('b');
      for (let i = 0; i < 8; i++) await put(mesh, 'a', `key ${i}`, 'x'.repeat(150_000));
      await mesh.start('b');
      await mesh.advance(afterMs);
      await mesh.restart(closing);
      await mesh.settle();
      assert.equal(Object.keys(contents(mesh, 'b')).length, 8);
    }
  }
});

test('closing a node while it joins ends the join with a code, and leaves the token of use', async () => {
  for (let afterMs = 0; afterMs < 24; afterMs += 2) {
    await using mesh = await meshOf('a', []);
    const token = await invite(mesh, 'a');
    const b = await mesh.start('b');
    const joining = codeOf(b.joinMesh(token));
    await mesh.advance(afterMs);
    await mesh.stop('b');
    const code = await mesh.run(joining);
    assert(['none', 'node-closed'].includes(code), `${code} after ${afterMs} ms`);
    const again = await mesh.start('b');
    await mesh.run(again.joinMesh(token));
    await mesh.settle();
  }
});

test('closing a node while it revokes, invites, syncs or makes things ends each with a code', async () => {
  for (let afterMs = 0; afterMs < 12; afterMs += 2) {
    await using mesh = await meshOf('a', ['b']);
    const [node, home] = [mesh.node('a'), meshOn(mesh, 'a')];
    mesh.partition(['a'], ['b']);
    const work = [
      codeOf(home.createInvite()),
      codeOf(home.createStore()),
      codeOf(home.revoke(mesh.machine('b').nodeId)),
      codeOf(storeOn(mesh, 'a').sync()),
      codeOf(node.createMesh()),
    ];
    await mesh.advance(afterMs);
    await mesh.stop('a');
    for (const code of await mesh.run(Promise.all(work))) {
      assert(['none', 'node-closed', 'store-closed'].includes(code), `${code} after ${afterMs} ms`);
    }
  }
});

test('closing while the network starts is clean', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  const starting = codeOf(node.startNetwork());
  await mesh.stop('a');
  assert(['none', 'node-closed'].includes(await mesh.run(starting)));
});

test('after the close, whatever is asked for is refused with a code', async () => {
  await using mesh = await meshOf('a', ['b']);
  const [node, home, store] = [mesh.node('a'), meshOn(mesh, 'a'), storeOn(mesh, 'a')];
  const token = await invite(mesh, 'b');
  const kv = store.kv();
  const key = new TextEncoder().encode('key');
  await mesh.stop('a');
  const calls: Record<string, () => unknown> = {
    startNetwork: () => node.startNetwork(),
    createMesh: () => node.createMesh(),
    joinMesh: () => node.joinMesh(token),
    select: () => node.select(home),
    createInvite: () => home.createInvite(),
    createStore: () => home.createStore(),
    revoke: () => home.revoke(mesh.machine('b').nodeId),
    sync: () => store.sync(),
    put: () => kv.put(key, key),
    delete: () => kv.delete(key),
    get: () => kv.get(key),
    heads: () => kv.heads(key),
    list: () => [...kv.list()],
    'kv().get': () => store.kv().get(key),
    'store.status': () => store.status(),
    selection: () => node.selection(),
  };
  for (const [name, call] of Object.entries(calls)) {
    const code = await codeOf((async () => call())());
    assert.match(code, /^(node|store)-closed$/, name);
  }
});

test('after the close, one can still ask what there was', async () => {
  await using mesh = await meshOf('a', ['b']);
  const [node, home, store] = [mesh.node('a'), meshOn(mesh, 'a'), storeOn(mesh, 'a')];
  await mesh.stop('a');
  assert.deepEqual([node.meshes(), node.mesh('home'), home.store('main')], [[home], home, store]);
  assert.deepEqual([home.status().online, store.name, store.type], [0, 'main', 'kv']);
  assert.deepEqual(
    home.peers().map(({ name, online }) => `${name} ${online}`),
    ['a true', 'b false'],
  );
});

/** "none" where it succeeds; the message of what has no code. */
async function codeOf(work: Promise<unknown>): Promise<string> {
  return work.then(
    () => 'none',
    (error: unknown) => (error instanceof LatticeError ? error.code : String(error)),
  );
}
