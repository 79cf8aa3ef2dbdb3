import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryNodeStorage } from '@lattice/storage';
import { writeFromTheFuture } from './support/future-store.js';
import { contents, eventsOf, get, join, meshOf, meshOn, nodes, put, storeOn } from './support/nodes.js';

test('a store made on one is there on the others, and written to, within 100 ms', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.run(meshOn(mesh, 'b').createStore({ name: 'notes' }));
  await put(mesh, 'b', 'key', 'value', 'notes');
  const tookMs = await mesh.settle();
  assert(tookMs <= 100, `${tookMs} ms`);
  for (const name of ['a', 'c']) assert.equal(get(mesh, name, 'key', 'notes'), 'value');
  await put(mesh, 'c', 'key', 'of c', 'notes');
  await mesh.settle({ withinMs: 100 });
  assert.equal(get(mesh, 'a', 'key', 'notes'), 'of c');
});

test('a store made while others are away is there when they are back', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' }));
  await put(mesh, 'a', 'key', 'value', 'notes');
  await mesh.start('b');
  await mesh.settle();
  assert.equal(get(mesh, 'b', 'key', 'notes'), 'value');
});

test('stores keep to themselves', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' }));
  const events = eventsOf(mesh, 'b');
  await put(mesh, 'a', 'key', 'in notes', 'notes');
  await mesh.settle();
  assert.deepEqual([contents(mesh, 'b'), contents(mesh, 'b', 'notes')], [{}, { key: 'in notes' }]);
  assert.deepEqual(
    events.filter((event) => event.kind === 'store-changed').map(({ store }) => store),
    [storeOn(mesh, 'b', 'notes').id],
  );
});

test('two who make stores of one name while apart have two stores, which the id tells apart', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.partition(['a'], ['b']);
  const made = [];
  for (const name of ['a', 'b']) made.push(await mesh.run(meshOn(mesh, name).createStore({ name: 'notes' })));
  mesh.heal();
  await mesh.settle();
  for (const name of ['a', 'b']) {
    const home = meshOn(mesh, name);
    assert.equal(home.stores().length, 3);
    assert.throws(() => home.store('notes'), { code: 'store-ambiguous' });
    for (const { uuid } of made) assert.equal(home.store(uuid).name, 'notes');
  }
});

test('forty stores come to a joiner, each with what is in it, and are there after a restart', async () => {
  await using mesh = nodes();
  const a = await mesh.start('a');
  const home = await mesh.run(a.createMesh({ name: 'home' }));
  for (let i = 0; i < 40; i++) {
    await mesh.run(home.createStore({ name: `store ${i}` }));
    await put(mesh, 'a', 'number', `${i}`, `store ${i}`);
  }
  await mesh.start('b');
  await join(mesh, 'b', 'a');
  for (let i = 0; i < 40; i++) assert.equal(get(mesh, 'b', 'number', `store ${i}`), `${i}`);
  await mesh.settle();
  await mesh.restart('b');
  assert.equal(meshOn(mesh, 'b').stores().length, 41);
  await put(mesh, 'b', 'number', 'changed', 'store 7');
  await mesh.settle();
  assert.equal(get(mesh, 'a', 'number', 'store 7'), 'changed');
});

test('a store of a type that nobody here knows replicates all the same, and says what it is', async () => {
  await using mesh = await meshOf('a', ['b']);
  // A later version, which knows the type, has run on b's disk.
  await mesh.stop('b');
  {
    await using storage = new MemoryNodeStorage(mesh.machine('b').disk);
    await mesh.run(writeFromTheFuture(storage, meshOn(mesh, 'a').uuid, mesh.time, mesh.random));
  }
  await mesh.start('b');
  await mesh.settle();
  const [onA, onB] = ['a', 'b'].map((name) => storeOn(mesh, name, 'sketches'));
  assert(onA && onB);
  assert.deepEqual([onA.type, onA.status().entries], ['drawing', 3]);
  assert.deepEqual(onA.status().digest, onB.status().digest);
  assert.throws(() => onA.kv(), { code: 'store-type-mismatch' });

  await mesh.stop('b');
  await mesh.start('c');
  await join(mesh, 'c', 'a');
  await mesh.settle();
  assert.equal(storeOn(mesh, 'c', 'sketches').status().entries, 3);
});
