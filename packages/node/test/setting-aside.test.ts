import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError } from '@lattice/model';
import { bytes, get, meshOf, meshOn, put, storeOn } from './support/nodes.js';
import { codeOf, isOnDisk, namesOn, withNotes } from './support/with-notes.js';

const dayMs = 24 * 60 * 60 * 1000;
/** After which stores that were set aside have been looked at for certain. */
const checkMs = 61 * 60 * 1000;

test('what another deleted is freed after a week, and not before, also across restarts', async () => {
  await using mesh = await withNotes('a', ['b']);
  const { uuid } = storeOn(mesh, 'a', 'notes');
  await mesh.run(storeOn(mesh, 'b', 'notes').delete());
  await mesh.settle();
  await mesh.stop('b');
  await mesh.advance(3 * dayMs);
  await mesh.restart('a');
  await mesh.advance(4 * dayMs - checkMs);
  assert(isOnDisk(mesh, 'a', uuid));
  assert.equal(mesh.node('a').status().warnings.length, 1);
  await mesh.advance(2 * checkMs);
  assert(!isOnDisk(mesh, 'a', uuid));
  assert.deepEqual(mesh.node('a').status().warnings, []);
});

test('what is due while the node does not run is freed when it starts', async () => {
  await using mesh = await withNotes('a', ['b']);
  const { uuid } = storeOn(mesh, 'a', 'notes');
  await mesh.run(storeOn(mesh, 'b', 'notes').delete());
  await mesh.settle();
  await mesh.stop('b');
  await mesh.advance(6 * dayMs + checkMs);
  await mesh.stop('a');
  assert(isOnDisk(mesh, 'a', uuid));
  mesh.skew('a', dayMs);
  await mesh.start('a');
  assert(!isOnDisk(mesh, 'a', uuid));
  await mesh.restart('a');
});

test('a clock that jumps ahead by a month frees nothing, whether or not the node runs meanwhile', async () => {
  await using mesh = await withNotes('a', ['b']);
  const { uuid } = storeOn(mesh, 'a', 'notes');
  await mesh.run(storeOn(mesh, 'b', 'notes').delete());
  await mesh.settle();
  await mesh.stop('b');
  mesh.skew('a', 30 * dayMs);
  await mesh.advance(2 * checkMs);
  assert(isOnDisk(mesh, 'a', uuid), 'while it runs');
  await mesh.stop('a');
  mesh.skew('a', 60 * dayMs);
  await mesh.start('a');
  await mesh.advance(2 * checkMs);
  assert(isOnDisk(mesh, 'a', uuid), 'across a restart');
  mesh.skew('a', 0);
  await mesh.advance(6 * dayMs);
  assert(!isOnDisk(mesh, 'a', uuid));
});

test('who freed a store that comes back writes there only once its own history is back', async () => {
  await using mesh = await withNotes('a', ['b', 'r']);
  const { uuid } = storeOn(mesh, 'b', 'notes');
  await put(mesh, 'b', 'by b', 'before', 'notes');
  await mesh.settle();
  mesh.partition(['a'], ['b', 'r']);
  await mesh.run(storeOn(mesh, 'r', 'notes').delete());
  await mesh.settle({ nodes: ['b', 'r'] });
  for (const name of ['a', 'r']) await mesh.stop(name);
  await mesh.advance(7 * dayMs + checkMs);
  assert(!isOnDisk(mesh, 'b', uuid));
  await mesh.restart('b');
  await mesh.start('a');
  const tried: Promise<string>[] = [];
  mesh.node('b').subscribe(({ kind }) => {
    if (kind !== 'store-created') return;
    const early = storeOn(mesh, 'b', 'notes').kv().put(bytes('too'), bytes('early'));
    tried.push(codeOf(early));
  });
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  assert.deepEqual(await Promise.all(tried), ['history-freed']);
  for (const value of ['after', 'again']) await put(mesh, 'b', 'by b', value, 'notes');
  await mesh.settle({ nodes: ['a', 'b'] });
  assert.equal(get(mesh, 'a', 'by b', 'notes'), 'again');
  assert.deepEqual(storeOn(mesh, 'a', 'notes').status().forks, []);
});

test('where the disk has no room for notes, who counts is taken over all the same, and the data is noted later', async () => {
  await using mesh = await withNotes('a', ['b', 'r']);
  const { uuid } = storeOn(mesh, 'a', 'notes');
  await put(mesh, 'r', 'by r', 'early');
  await mesh.settle();
  mesh.partition(['a'], ['b', 'r']);
  await put(mesh, 'r', 'by r', 'late');
  await mesh.settle({ nodes: ['b', 'r'] });
  await mesh.run(storeOn(mesh, 'a', 'notes').delete());
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  const { meta } = mesh.machine('b').disk;
  const commit = meta.commit.bind(meta);
  meta.commit = () => {
    throw new LatticeError('disk-full', 'The disk is full.');
  };
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  meta.commit = commit;
  assert.equal(get(mesh, 'b', 'by r'), 'early');
  assert.deepEqual(namesOn(mesh, 'b'), ['main']);
  for (const name of ['a', 'r']) await mesh.stop(name);
  await mesh.advance(2 * checkMs);
  await mesh.restart('b');
  assert(isOnDisk(mesh, 'b', uuid));
  assert.match(mesh.node('b').status().warnings.join(), /"notes" was deleted by "a"/);
});

test('data of a store that nobody lists and nothing tells of is set aside on the next start, and goes with the mesh', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  mesh.partition(['a'], ['b', 'r']);
  const { uuid } = await mesh.run(meshOn(mesh, 'r').createStore({ name: 'notes' }));
  await mesh.settle({ nodes: ['b', 'r'] });
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  await mesh.stop('b');
  // As where a crash came before it was noted.
  mesh.machine('b').disk.meta.tables.clear();
  await mesh.start('b');
  const [warning = ''] = mesh.node('b').status().warnings;
  assert(warning.startsWith(`The store "${uuid.slice(0, 8)}" is off the list`), warning);
  await mesh.advance(1_000);
  await mesh.run(mesh.node('b').leaveMesh(meshOn(mesh, 'b'), { force: true }));
  assert(!isOnDisk(mesh, 'b', uuid));
});
