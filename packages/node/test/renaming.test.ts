import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOf, join, meshOf, meshOn, nodes, type Nodes, storeOn } from './support/nodes.js';

test('a node that was named is called so in all its meshes, and everybody sees it', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.run(mesh.node('b').createMesh({ name: 'work' }));
  assert.equal(await mesh.run(mesh.node('b').setName('desk')), 2);
  await mesh.settle();
  for (const name of ['a', 'b', 'c']) assert.deepEqual(namesFor(mesh, name), ['a', 'c', 'desk'], name);
  for (const one of mesh.node('b').meshes())
    assert.equal(one.peers().find(({ self }) => self)?.name, 'desk', one.name);
  assert.equal(mesh.node('b').status().name, 'desk');

  const events = eventsOf(mesh, 'a');
  await mesh.stop('b');
  await mesh.until('a notices', () => events.length > 0);
  assert.deepEqual(
    events.map((event) => ('name' in event ? event.name : '')),
    ['desk'],
  );
});

test('a name is kept across runs, goes before that of the machine, and is taken along into later meshes', async () => {
  await using mesh = await meshOf('a', []);
  await mesh.start('b');
  assert.equal(mesh.node('b').status().name, 'b', 'that of its machine, as long as nobody says otherwise');
  await mesh.run(mesh.node('b').setName('desk'));
  await mesh.restart('b');
  assert.equal(mesh.node('b').status().name, 'desk');
  await join(mesh, 'b', 'a');
  await mesh.settle();
  assert.deepEqual(namesFor(mesh, 'a'), ['a', 'desk']);
  const own = await mesh.run(mesh.node('b').createMesh());
  assert.deepEqual(
    own.peers().map(({ name }) => name),
    ['desk'],
  );
});

test('naming a node as it is called already writes nothing', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.run(mesh.node('b').setName('desk'));
  await mesh.settle();
  const before = meshOn(mesh, 'b').status().digest;
  assert.equal(await mesh.run(mesh.node('b').setName('desk')), 1);
  assert.equal(await mesh.run(mesh.node('a').setName('a')), 1);
  assert.deepEqual(meshOn(mesh, 'b').status().digest, before);
});

test('what is no name is refused, and changes nothing', async () => {
  await using mesh = await meshOf('a', []);
  for (const name of ['', 'two\nlines', 'x'.repeat(65)]) {
    await assert.rejects(mesh.run(mesh.node('a').setName(name)), { code: 'invalid-name' });
    await assert.rejects(mesh.run(storeOn(mesh, 'a').rename(name)), { code: 'invalid-name' });
  }
  assert.deepEqual([mesh.node('a').status().name, storeOn(mesh, 'a').name], ['a', 'main']);
});

test('a node in no mesh can be named', async () => {
  await using mesh = nodes({ online: false });
  await mesh.start('a');
  assert.equal(await mesh.run(mesh.node('a').setName('desk')), 0);
  assert.equal(mesh.node('a').status().name, 'desk');
});

test('a store that is renamed is called so everywhere, and whoever did it is not told', async () => {
  await using mesh = await meshOf('a', ['b']);
  const events = { a: eventsOf(mesh, 'a'), b: eventsOf(mesh, 'b') };
  await mesh.run(storeOn(mesh, 'b').rename('notes'));
  await mesh.settle();
  assert.equal(storeOn(mesh, 'a', 'notes').name, 'notes');
  const { id } = storeOn(mesh, 'a', 'notes');
  const told = (own: boolean) => [
    { kind: 'store-renamed', mesh: meshOn(mesh, 'a').id, store: id, name: 'notes', own },
  ];
  assert.deepEqual([events.a, events.b], [told(false), told(true)]);
});

test('a name that another store of the mesh has is refused, for a new store as for an old one', async () => {
  await using mesh = await meshOf('a', []);
  const home = meshOn(mesh, 'a');
  const notes = await mesh.run(home.createStore({ name: 'notes' }));
  await assert.rejects(mesh.run(notes.rename('main')), { code: 'store-name-taken' });
  await assert.rejects(mesh.run(home.createStore({ name: 'main' })), { code: 'store-name-taken' });
  const before = home.status().digest;
  await mesh.run(notes.rename('notes'));
  assert.deepEqual(home.status().digest, before, 'its own name is no other one’s');
});

test('two stores that were given one name while apart both stay, and only their ids tell them apart', async () => {
  await using mesh = await meshOf('a', ['b']);
  const home = meshOn(mesh, 'a');
  const one = await mesh.run(home.createStore({ name: 'one' }));
  await mesh.settle();
  mesh.partition(['a'], ['b']);
  await mesh.run(one.rename('same'));
  const other = await mesh.run(meshOn(mesh, 'b').createStore({ name: 'same' }));
  mesh.heal();
  await mesh.settle();
  for (const name of ['a', 'b']) {
    const there = meshOn(mesh, name);
    assert.throws(() => there.store('same'), { code: 'store-ambiguous' });
    assert.deepEqual(
      [one, other].map(({ uuid }) => there.store(uuid).name),
      ['same', 'same'],
    );
  }
});

test('of two names that a store was given while apart, all agree on one', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.partition(['a'], ['b'], ['c']);
  await mesh.run(storeOn(mesh, 'a').rename('by a'));
  await mesh.run(storeOn(mesh, 'b').rename('by b'));
  mesh.heal();
  await mesh.settle();
  const names = ['a', 'b', 'c'].map((name) => meshOn(mesh, name).stores()[0]?.name);
  assert.equal(new Set(names).size, 1);
  assert(['by a', 'by b'].includes(names[0] ?? ''));
});

function namesFor(mesh: Nodes, name: string): readonly string[] {
  return meshOn(mesh, name)
    .peers()
    .map((peer) => peer.name)
    .toSorted((a, b) => (a < b ? -1 : 1));
}
