import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError } from '@lattice/model';
import { openNode } from '@lattice/node';
import { get, invite, meshOn, nodes, type Nodes, put, storeOn } from './support/nodes.js';

const retryMs = 30_000;

/** `a` and `b` in a mesh; the disk of whoever is in `failing` has no store made on it. */
async function meshWithDisks(failing: ReadonlySet<string>): Promise<Nodes> {
  const mesh = nodes({
    open: async (ports) => {
      const { storage } = ports;
      const create = storage.createStore.bind(storage);
      storage.createStore = (uuid, genesis) =>
        failing.has(ports.name)
          ? Promise.reject(new LatticeError('disk-failed', 'The disk failed to sync.'))
          : create(uuid, genesis);
      const node = await openNode({ ...ports, version: 'test' });
      await node.startNetwork();
      return node;
    },
  });
  await mesh.run((await mesh.start('a')).createMesh({ name: 'home' }));
  await mesh.start('b');
  await mesh.run(mesh.node('b').joinMesh(await invite(mesh, 'a')));
  await mesh.settle();
  return mesh;
}

test('a store that could not be made is listed, said to be missing and why, and made as soon as the disk works again', async () => {
  const failing = new Set<string>();
  await using mesh = await meshWithDisks(failing);
  failing.add('a');
  await assert.rejects(mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' })), {
    code: 'disk-failed',
    message: /"notes" is listed now, and is made here as soon as the disk allows\. The disk failed to sync\./,
  });
  const warning =
    /The store "notes" could not be opened here, and is tried again every 30 s\. The disk failed/;
  assert.match(mesh.node('a').status().warnings.join(), warning);
  assert.throws(() => storeOn(mesh, 'a', 'notes'), { code: 'disk-failed', message: warning });
  await mesh.advance(retryMs);
  assert.match(mesh.node('a').status().warnings.join(), warning);
  // What else happens goes on.
  await put(mesh, 'b', 'key', 'of b', 'notes');
  await put(mesh, 'a', 'other', 'of a');

  failing.clear();
  await mesh.advance(retryMs);
  assert.deepEqual(mesh.node('a').status().warnings, []);
  await mesh.settle();
  assert.equal(get(mesh, 'a', 'key', 'notes'), 'of b');
  await put(mesh, 'a', 'key', 'of a', 'notes');
  await mesh.settle();
  assert.equal(get(mesh, 'b', 'key', 'notes'), 'of a');
});

test('a store that could not be opened when its node started is opened later, and its data is not set aside', async () => {
  const failing = new Set<string>();
  await using mesh = await meshWithDisks(failing);
  failing.add('b');
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' }));
  await put(mesh, 'a', 'key', 'of a', 'notes');
  await mesh.advance(1_000);
  assert.match(mesh.node('b').status().warnings.join(), /"notes" could not be opened/);
  await mesh.restart('b');
  assert.match(mesh.node('b').status().warnings.join(), /"notes" could not be opened/);
  assert.doesNotMatch(mesh.node('b').status().warnings.join(), /deleted/);
  failing.clear();
  await mesh.advance(retryMs);
  await mesh.settle();
  assert.equal(get(mesh, 'b', 'key', 'notes'), 'of a');
});

test('a store that was deleted is tried no more', async () => {
  const failing = new Set<string>();
  await using mesh = await meshWithDisks(failing);
  failing.add('b');
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' }));
  await mesh.advance(1_000);
  await mesh.run(storeOn(mesh, 'a', 'notes').delete());
  await mesh.settle();
  assert.deepEqual(mesh.node('b').status().warnings, []);
});
