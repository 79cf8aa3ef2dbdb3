import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import type { Node } from '@lattice/node';
import { meshOf, meshOn, nodes, type Nodes, put, storeOn } from './support/nodes.js';

test('meshes, stores and members are found by name and by any unambiguous beginning of their id', async () => {
  await using mesh = await meshOf('a', ['b']);
  const [node, home] = [mesh.node('a'), meshOn(mesh, 'a')];
  assert.equal(node.mesh('home'), home);
  assert.equal(node.mesh(home.uuid), home);
  assert.equal(node.mesh(home.uuid.slice(0, 3)), home);
  assert.equal(node.mesh(home.uuid.slice(0, 8).toUpperCase()), home);

  const main = home.store('main');
  assert.equal(home.store(main.uuid.slice(0, 8)), main);

  const b = mesh.machine('b').nodeId;
  assert.deepEqual(home.member('b'), b);
  assert.deepEqual(home.member(toHex(b).slice(0, 8)), b);
});

test('what is not there is not found, and an empty name names nothing', async () => {
  await using mesh = await meshOf('a', []);
  const [node, home] = [mesh.node('a'), meshOn(mesh, 'a')];
  for (const name of ['nowhere', '', 'zz', `${home.uuid}0`]) {
    assert.throws(() => node.mesh(name), { code: 'mesh-not-found' }, `mesh "${name}"`);
    assert.throws(() => home.store(name), { code: 'store-not-found' }, `store "${name}"`);
    assert.throws(() => home.member(name), { code: 'member-not-found' }, `member "${name}"`);
  }
});

test('a beginning that fits several is ambiguous, and the error names them', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  const prefix = await makeMeshesWithCommonPrefix(mesh, node);
  assert.throws(
    () => node.mesh(prefix),
    (error: { code?: string; message?: string }) => {
      const candidates = node.meshes().filter(({ uuid }) => uuid.startsWith(prefix));
      assert.equal(error.code, 'mesh-ambiguous');
      return candidates.every(({ uuid }) => error.message?.includes(uuid));
    },
  );
});

test('of two meshes with one name, only the id tells which is meant', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  const first = await mesh.run(node.createMesh({ name: 'home' }));
  await mesh.run(node.createMesh({ name: 'home' }));
  assert.throws(() => node.mesh('home'), { code: 'mesh-ambiguous' });
  assert.equal(node.mesh(first.uuid), first);
});

test('an exact name goes before the beginning of an id', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  const home = await mesh.run(node.createMesh());
  const main = home.store('main');
  const confusing = await mesh.run(home.createStore({ name: main.uuid.slice(0, 8) }));
  assert.equal(home.store(main.uuid.slice(0, 8)), confusing);
  assert.equal(home.store(main.uuid.slice(0, 9)), main);
});

test('a node without any choice made means its only mesh and that mesh’s first store', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  assert.deepEqual(node.selection(), {});
  const home = await mesh.run(node.createMesh());
  assert.deepEqual(node.selection(), { mesh: home, store: home.store('main') });
});

test('a selection is kept across restarts', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  const home = await mesh.run(node.createMesh({ name: 'home' }));
  const notes = await mesh.run(home.createStore({ name: 'notes' }));
  await mesh.run(node.createMesh({ name: 'work' }));
  assert.equal(node.selection().mesh?.name, 'work');

  node.select(home, notes);
  for (const next of [() => mesh.restart('a'), () => mesh.kill('a').then(() => mesh.start('a'))]) {
    const { mesh: selected, store } = (await next()).selection();
    assert.deepEqual([selected?.name, store?.name], ['home', 'notes']);
  }
});

test('selecting a mesh alone means its first store', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  const home = await mesh.run(node.createMesh({ name: 'home' }));
  await mesh.run(node.createMesh({ name: 'work' }));
  node.select(home);
  assert.equal(node.selection().store, home.store('main'));
});

test('a joiner has the mesh that it joined selected', async () => {
  await using mesh = await meshOf('a', ['b']);
  const { mesh: selected, store } = mesh.node('b').selection();
  assert.deepEqual([selected?.name, store?.name], ['home', 'main']);
});

test('names that are none are refused with a code', async () => {
  await using mesh = await meshOf('a', []);
  const [node, home] = [mesh.node('a'), meshOn(mesh, 'a')];
  for (const name of ['', 'x'.repeat(1_000), 'two\nlines']) {
    await assert.rejects(mesh.run(home.createStore({ name })), { code: 'invalid-name' });
  }
  await assert.rejects(mesh.run(node.createMesh({ name: 'x\u0000' })), { code: 'invalid-name' });
  assert.equal(node.meshes().length, 1, 'what was refused has left nothing behind');
  await assert.rejects(mesh.run(home.createStore({ type: 'no such type' })), { code: 'store-type-invalid' });
  await assert.rejects(mesh.run(home.createStore({ type: 'unheard-of' })), { code: 'store-type-unknown' });
  await assert.rejects(mesh.run(home.createInvite({ expiresInMs: 0 })), { code: 'expiry-invalid' });
  await assert.rejects(mesh.run(home.createInvite({ expiresInMs: Number.NaN })), { code: 'expiry-invalid' });
});

test('stores that nobody named are named after their type, and counted', async () => {
  await using mesh = await meshOf('a', []);
  const home = meshOn(mesh, 'a');
  const made = [await mesh.run(home.createStore()), await mesh.run(home.createStore())];
  assert.deepEqual(
    made.map(({ name }) => name),
    ['kv-1', 'kv-2'],
  );
  await put(mesh, 'a', 'key', 'value', 'kv-2');
  assert.equal(storeOn(mesh, 'a', 'kv-2').status().entries, 1);
  assert.equal(storeOn(mesh, 'a', 'kv-1').status().entries, 0);
});

/** Sixteen first digits, so seventeen meshes. */
async function makeMeshesWithCommonPrefix(mesh: Nodes, node: Node): Promise<string> {
  for (;;) {
    await mesh.run(node.createMesh());
    const digits = node.meshes().map(({ uuid }) => uuid.slice(0, 1));
    const twice = digits.find((digit, index) => digits.indexOf(digit) !== index);
    if (twice) return twice;
  }
}
