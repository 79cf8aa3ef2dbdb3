import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { openNode } from '@lattice/node';
import { backUp, NodesInMemory, restore } from '@lattice/testkit';

test('stores with conflicts, forks and a revoked member check clean, and are the same after a rebuild', async () => {
  await using nodes = new NodesInMemory((ports) => openNode({ ...ports, version: 'test' }));
  const desk = await nodes.machine('desk').open();
  const mesh = await desk.createMesh({ name: 'home' });
  for (const name of ['laptop', 'phone']) await nodes.join(name, 'desk');
  const write = async (name: string, round: number) => {
    nodes.nowMs += 1_000;
    await nodes.alone(name, async (node) => {
      const kv = node.mesh('home').store('main').kv();
      for (const key of ['a', 'b', 'c']) await kv.put(utf8(key), utf8(`${name} ${round}`));
      await kv.delete(utf8('c'));
    });
  };
  for (const round of [1, 2]) {
    for (const name of ['desk', 'laptop', 'phone']) await write(name, round);
    await nodes.meet('desk', 'laptop', 'phone');
  }

  // The laptop goes back to what it was, and forks.
  const { disk } = nodes.machine('laptop');
  const backup = backUp(disk);
  await write('laptop', 3);
  await nodes.meet('desk', 'laptop');
  restore(disk, backup);
  await write('laptop', 4);
  await write('desk', 4);
  await nodes.meet('desk', 'laptop', 'phone');
  const store = mesh.store('main');
  assert.equal(store.status().forks.length, 1);
  assert.ok(store.status().conflicts > 0);
  assert.deepEqual((await store.check()).problems, []);

  await mesh.revoke(nodes.machine('phone').nodeId);
  await write('desk', 5);
  const before = [...store.kv().list()];
  const report = await store.check();
  assert.deepEqual([report.problems, report.compared], [[], true]);
  assert.equal((await store.rebuild()).entries, report.entries);
  assert.deepEqual([...store.kv().list()], before);
  assert.equal((await store.check()).problemCount, 0);
});
