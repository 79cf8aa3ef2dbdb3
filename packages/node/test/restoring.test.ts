import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MemoryDisk } from '@lattice/storage';
import {
  contents,
  eventsOf,
  get,
  headsOf,
  membersFor,
  meshOf,
  meshOn,
  type Nodes,
  onlineFor,
  put,
  storeOn,
} from './support/nodes.js';
import { namesOn } from './support/with-notes.js';

test('a backup has what was acknowledged before it, while writes go on, and the node goes on from there', async () => {
  await using mesh = await meshOf('a', ['b']);
  for (let i = 0; i < 20; i++) await put(mesh, 'b', `before ${i}`, '1');
  const during = Array.from({ length: 20 }, (_, i) => put(mesh, 'b', `during ${i}`, '1'));
  const backup = backUp(mesh, 'b');
  await Promise.all(during);
  for (let i = 0; i < 20; i++) await put(mesh, 'b', `after ${i}`, '1');
  await mesh.settle();
  await mesh.stop('b');

  mesh.restoredElsewhere('new b', await backup);
  mesh.partition(['new b'], ['a']);
  await mesh.start('new b');
  const restored = Object.keys(contents(mesh, 'new b'));
  assert.equal(restored.filter((key) => key.startsWith('before')).length, 20);
  assert(!restored.some((key) => key.startsWith('after')));

  mesh.heal();
  await mesh.settle();
  await put(mesh, 'new b', 'second life', '1');
  await mesh.settle();
  for (const name of ['a', 'new b']) {
    assert.equal(Object.keys(contents(mesh, name)).length, 61, name);
    assert.deepEqual(storeOn(mesh, name).status().forks, [], name);
  }
});

test('a restored node that writes while the original writes on forks: all are told, agree, and lose nothing', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'b', 'before', '1');
  await mesh.settle();
  const backup = await backUp(mesh, 'b');
  mesh.restoredElsewhere('twin', backup);
  const heard = ['a', 'b', 'c'].map((name) => eventsOf(mesh, name));
  await put(mesh, 'b', 'key', 'original');
  await mesh.settle();

  mesh.partition(['b'], ['a', 'c']);
  await mesh.start('twin');
  await put(mesh, 'twin', 'key', 'restored');
  await put(mesh, 'twin', 'only restored', '1');
  await put(mesh, 'b', 'only original', '1');
  heard.push(eventsOf(mesh, 'twin'));
  mesh.heal();
  await mesh.settle();

  const author = mesh.machine('b').nodeId;
  for (const name of ['a', 'b', 'c', 'twin']) {
    assert.deepEqual(headsOf(mesh, name, 'key'), ['original', 'restored'], name);
    const { key: _, ...others } = contents(mesh, name);
    assert.deepEqual(others, { before: '1', 'only original': '1', 'only restored': '1' }, name);
    assert.deepEqual(storeOn(mesh, name).status().forks, [{ author, branches: 2 }], name);
  }
  for (const events of heard) assert.equal(events.filter(({ kind }) => kind === 'fork-seen').length, 1);
});

test('a node restored from before its own revocation is let in by nobody, and what it wrote does not count', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await put(mesh, 'r', 'before', '1');
  await mesh.settle();
  const backup = await backUp(mesh, 'r');
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  await mesh.settle({ nodes: ['a', 'b'] });
  await mesh.stop('r');

  mesh.restoredElsewhere('restored', backup);
  await mesh.start('restored');
  await put(mesh, 'restored', 'after', '1');
  await mesh.advance(300_000);
  assert.deepEqual(onlineFor(mesh, 'restored'), []);
  for (const name of ['a', 'b']) {
    assert.deepEqual(contents(mesh, name), { before: '1' }, name);
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'r revoked'], name);
    assert.deepEqual(storeOn(mesh, name).status().forks, [], name);
  }
});

test('a node restored from before a store was made and another deleted has the one, and no more of the other', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'old' }));
  await mesh.settle();
  await put(mesh, 'b', 'key', 'in old', 'old');
  const backup = await backUp(mesh, 'b');
  await mesh.run(storeOn(mesh, 'b', 'old').delete());
  await mesh.run(meshOn(mesh, 'b').createStore({ name: 'new' }));
  await put(mesh, 'b', 'key', 'in new', 'new');
  await mesh.settle();
  await mesh.stop('b');

  mesh.restoredElsewhere('restored', backup);
  mesh.partition(['restored'], ['a']);
  await mesh.start('restored');
  assert.deepEqual(namesOn(mesh, 'restored'), ['main', 'old']);
  await put(mesh, 'restored', 'late', 'to what is deleted', 'old');
  mesh.heal();
  await mesh.settle();
  for (const name of ['a', 'restored']) {
    assert.deepEqual(namesOn(mesh, name), ['main', 'new'], name);
    assert.equal(get(mesh, name, 'key', 'new'), 'in new', name);
  }
  await put(mesh, 'restored', 'more', '1', 'new');
  await mesh.settle();
  assert.equal(get(mesh, 'a', 'more', 'new'), '1');
  assert.deepEqual(storeOn(mesh, 'a', 'new').status().forks, []);
});

/** By the node itself, while it runs. */
async function backUp(mesh: Nodes, name: string): Promise<MemoryDisk> {
  await mesh.run(mesh.node(name).backup('copy'));
  const backup = mesh.machine(name).disk.backups.get('copy');
  assert(backup);
  return backup;
}
