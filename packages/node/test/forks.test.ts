import assert from 'node:assert/strict';
import { test } from 'node:test';
import { backUp, restore } from '@lattice/testkit';
import { contents, eventsOf, headsOf, join, meshOf, onlineFor, put, storeOn } from './support/nodes.js';

test('a node that goes on from a restored backup forks: both branches stay, everybody is told, and all agree', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'b', 'before', '1');
  await mesh.settle();
  const backup = backUp(mesh.machine('b').disk);
  await put(mesh, 'b', 'key', 'first life');
  await put(mesh, 'b', 'only first', '1');
  await mesh.settle();
  await mesh.stop('b');

  restore(mesh.machine('b').disk, backup);
  mesh.partition(['b'], ['a', 'c']);
  await mesh.start('b');
  assert.deepEqual(contents(mesh, 'b'), { before: '1' });
  await put(mesh, 'b', 'key', 'second life');
  const heard = ['a', 'b', 'c'].map((name) => eventsOf(mesh, name));
  mesh.heal();
  await mesh.settle();

  const author = mesh.machine('b').nodeId;
  for (const name of ['a', 'b', 'c']) {
    assert.deepEqual(headsOf(mesh, name, 'key'), ['first life', 'second life']);
    const { key, ...others } = contents(mesh, name);
    assert(Array.isArray(key));
    assert.deepEqual(others, { before: '1', 'only first': '1' });
    assert.deepEqual(storeOn(mesh, name).status().forks, [{ author, branches: 2 }]);
  }
  for (const events of heard) assert.equal(events.filter(({ kind }) => kind === 'fork-seen').length, 1);
  const alarms = heard.map((events) =>
    events.flatMap((event) => (event.kind === 'warning' ? [event.message] : [])),
  );
  assert.deepEqual(
    alarms.map(({ length }) => length),
    [0, 1, 0],
    'whose key it is, is warned',
  );
  assert.match(alarms[1]?.join() ?? '', /2 histories in the store "main".*any other is to run `node rotate`/);

  await put(mesh, 'b', 'key', 'settled');
  await put(mesh, 'a', 'other', '1');
  await mesh.settle();
  for (const name of ['a', 'b', 'c']) assert.equal(contents(mesh, name).key, 'settled');
});

test('a node that syncs before it goes on from a restored backup does not fork', async () => {
  await using mesh = await meshOf('a', ['b']);
  const backup = backUp(mesh.machine('b').disk);
  await put(mesh, 'b', 'key', 'first life');
  await mesh.settle();
  await mesh.stop('b');
  restore(mesh.machine('b').disk, backup);
  await mesh.start('b');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'b'), { key: 'first life' });
  await put(mesh, 'b', 'key', 'second life');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'a'), { key: 'second life' });
  assert.deepEqual(storeOn(mesh, 'a').status().forks, []);
});

test('two clones that live by turns, each with the same key, fork again and again, and all agree', async () => {
  await using mesh = await meshOf('a', ['b']);
  const { disk } = mesh.machine('b');
  let asleep = backUp(disk);
  for (let turn = 0; turn < 6; turn++) {
    await put(mesh, 'b', `turn ${turn}`, 'of whoever is awake');
    await put(mesh, 'b', 'key', `turn ${turn}`);
    if (turn % 2) await mesh.settle();
    await mesh.stop('b');
    const awake = backUp(disk);
    restore(disk, asleep);
    asleep = awake;
    await mesh.start('b');
  }
  await mesh.settle();
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  await mesh.settle();
  assert.equal(Object.keys(contents(mesh, 'a')).length, 7);
  assert.deepEqual(contents(mesh, 'c'), contents(mesh, 'a'));
  assert.deepEqual(storeOn(mesh, 'c').status().forks, storeOn(mesh, 'a').status().forks);
  assert.equal(storeOn(mesh, 'a').status().forks.length, 1);
});

test('a fork of a member’s in the mesh store is no harm to the mesh', async () => {
  await using mesh = await meshOf('a', ['b']);
  const backup = backUp(mesh.machine('a').disk);
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  await mesh.settle();
  await mesh.stop('a');
  restore(mesh.machine('a').disk, backup);
  mesh.partition(['a'], ['b', 'c']);
  await mesh.start('a');
  await mesh.start('d');
  mesh.partition(['d'], ['b', 'c']);
  await join(mesh, 'd', 'a');
  mesh.heal();
  await mesh.until('all have met', () => onlineFor(mesh, 'a').length === 3, 120_000);
  await mesh.settle();
  await put(mesh, 'd', 'key', 'value');
  await mesh.settle({ withinMs: 1_000 });
  assert.deepEqual(contents(mesh, 'c'), { key: 'value' });
});
