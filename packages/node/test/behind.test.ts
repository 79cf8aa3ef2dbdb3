import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, storeUuid } from '@lattice/model';
import { get, meshOf, meshOn, type Nodes, put, storeOn } from './support/nodes.js';

test('nobody leaves, and nobody is revoked, while this node knows its own log in part only, for want of room', async () => {
  await using mesh = await meshBehind();
  const b = mesh.node('b').id;
  await assert.rejects(mesh.run(mesh.node('a').leaveMesh(meshOn(mesh, 'a'), { force: true })), {
    code: 'disk-full',
  });
  await assert.rejects(mesh.run(meshOn(mesh, 'a').revoke(b)), { code: 'disk-full' });
  assert.equal(meshOn(mesh, 'a').status().members, 2);

  Reflect.deleteProperty(stateOf(mesh), 'commit');
  const { cutEntries } = await mesh.run(meshOn(mesh, 'a').revoke(b));
  assert.equal(cutEntries, 0);
  for (const key of ['one', 'two']) assert.equal(get(mesh, 'a', key), key);
});

/** The state of `a` lacks, for want of room, what both wrote last. */
async function meshBehind(): Promise<Nodes> {
  const mesh = await meshOf('a', ['b']);
  await put(mesh, 'a', 'one', 'one');
  await mesh.settle();
  await mesh.stop('a');
  const before = stateOf(mesh).copies();
  await mesh.start('a');
  await put(mesh, 'a', 'two', 'two');
  await mesh.settle();
  await put(mesh, 'b', 'three', 'three');
  await mesh.settle();
  await mesh.stop('a');
  mesh.partition(['a'], ['b']);
  const state = stateOf(mesh);
  state.replace(before);
  state.commit = () => {
    throw new LatticeError('disk-full', 'The disk is full.');
  };
  await mesh.start('a');
  assert.match(storeOn(mesh, 'a').status().warnings.join(), /The disk is full/);
  return mesh;
}

function stateOf(mesh: Nodes) {
  const stored = mesh.machine('a').disk.stores.get(storeUuid(storeOn(mesh, 'b').id));
  assert.ok(stored);
  return stored.state;
}
