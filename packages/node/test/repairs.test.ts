import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openNode } from '@lattice/node';
import { NodesInMemory } from '@lattice/testkit';

test('what was repaired of a store is told by its status, whichever store it is', async () => {
  await using nodes = new NodesInMemory((ports) => openNode({ ...ports, version: '0.1.0' }));
  const machine = nodes.machine('a');
  const mesh = await (await machine.open()).createMesh();
  // On the disk, some lie before the mesh's own and some behind it.
  for (const name of ['b', 'c', 'd', 'e', 'f']) await mesh.createStore({ name });
  machine.disk.crash();
  const node = await machine.open();
  const told = node
    .meshes()[0]
    ?.stores()
    .map((store) => store.status().warnings.join());
  assert.equal(told?.length, 6);
  for (const warnings of told) assert.match(warnings, /crash of the machine/);
});
