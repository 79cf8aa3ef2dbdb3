import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  contents,
  eventsOf,
  get,
  join,
  meshOf,
  meshOn,
  nodes,
  onlineFor,
  put,
  storeOn,
} from './support/nodes.js';

test('what one writes is there for the other within 100 ms, both ways', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'a', 'from a', '1');
  await put(mesh, 'b', 'from b', '2');
  const tookMs = await mesh.settle();
  assert(tookMs <= 100, `${tookMs} ms`);
  assert.deepEqual(contents(mesh, 'a'), { 'from a': '1', 'from b': '2' });
  assert.deepEqual(contents(mesh, 'b'), contents(mesh, 'a'));
});

test('a new mesh has its creator, its name and one key-value store "main", before there is any network', async () => {
  await using mesh = nodes({ online: false });
  const node = await mesh.start('a');
  const home = await mesh.run(node.createMesh({ name: 'home' }));
  assert.equal(home.name, 'home');
  assert.deepEqual(
    home.stores().map(({ name, type }) => [name, type]),
    [['main', 'kv']],
  );
  assert.deepEqual(
    home.peers().map(({ name, status, online, self }) => ({ name, status, online, self })),
    [{ name: 'a', status: 'member', online: false, self: true }],
  );
  await put(mesh, 'a', 'key', 'value');
  assert.equal(get(mesh, 'a', 'key'), 'value');
  assert.deepEqual(node.status().addresses, []);
  assert.equal(home.status().online, 0);
});

test('a joiner has the mesh’s name, its members and its stores with all that is in them', async () => {
  await using mesh = nodes();
  const a = await mesh.start('a');
  const home = await mesh.run(a.createMesh({ name: 'home' }));
  await mesh.run(home.createStore({ name: 'notes' }));
  await put(mesh, 'a', 'key', 'value', 'notes');

  const b = await mesh.start('b');
  const joined = await join(mesh, 'b', 'a');
  assert.deepEqual(joined.id, home.id);
  assert.equal(joined.name, 'home');
  assert.deepEqual(
    joined.stores().map(({ name }) => name),
    ['main', 'notes'],
  );
  assert.deepEqual(
    joined.peers().map(({ name, status }) => `${name} ${status}`),
    ['a member', 'b member'],
  );
  assert.equal(get(mesh, 'b', 'key', 'notes'), 'value');
  assert.deepEqual(b.selection().mesh?.id, home.id);
  await mesh.settle();
});

test('both hear of each other: who joined, who is online, what changed', async () => {
  await using mesh = nodes();
  const a = await mesh.start('a');
  await mesh.run(a.createMesh());
  await mesh.start('b');
  const [heardByA, heardByB] = [eventsOf(mesh, 'a'), eventsOf(mesh, 'b')];
  await join(mesh, 'b', 'a');
  await put(mesh, 'a', 'key', 'value');
  await mesh.settle();

  const kinds = (events: typeof heardByA) => [...new Set(events.map(({ kind }) => kind))].sort();
  assert.deepEqual(kinds(heardByA), ['member-joined', 'peer-online', 'store-changed']);
  assert.deepEqual(kinds(heardByB), ['member-joined', 'peer-online', 'store-changed']);
  assert.deepEqual(onlineFor(mesh, 'a'), ['b']);
  assert.deepEqual(onlineFor(mesh, 'b'), ['a']);
  assert.equal(meshOn(mesh, 'a').status().online, 1);
});

test('two nodes share several meshes, and each mesh keeps to itself', async () => {
  await using mesh = nodes();
  const a = await mesh.start('a');
  const [home, work] = [
    await mesh.run(a.createMesh({ name: 'home' })),
    await mesh.run(a.createMesh({ name: 'work' })),
  ];
  const [b, c] = [await mesh.start('b'), await mesh.start('c')];
  for (const one of [home, work]) {
    const { token } = await mesh.run(one.createInvite());
    await mesh.run(b.joinMesh(token));
  }
  const { token } = await mesh.run(work.createInvite());
  await mesh.run(c.joinMesh(token));
  await mesh.run(home.store('main').kv().put(Uint8Array.of(1), Uint8Array.of(1)));
  await mesh.run(b.mesh('work').store('main').kv().put(Uint8Array.of(2), Uint8Array.of(2)));
  await mesh.settle();

  const keys = (name: string, inMesh: string) =>
    [...mesh.node(name).mesh(inMesh).store('main').kv().list()].map(({ key }) => key[0]);
  assert.deepEqual([keys('a', 'home'), keys('a', 'work')], [[1], [2]]);
  assert.deepEqual([keys('b', 'home'), keys('b', 'work')], [[1], [2]]);
  assert.deepEqual(keys('c', 'work'), [2]);
  assert.throws(() => c.mesh('home'), { code: 'mesh-not-found' });
});

test('a sync that was cancelled before it began waits for nobody', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.kill('b');
  await mesh.advance(60_000);
  const sinceMs = mesh.time.monotonicMs();
  const signal = AbortSignal.abort();
  assert.deepEqual(await mesh.run(storeOn(mesh, 'a').sync({ signal })), []);
  assert(mesh.time.monotonicMs() - sinceMs < 100);
});

test('a batch is there whole, a delete deletes, and an explicit sync reports what it did', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.partition(['a'], ['b']);
  const kv = storeOn(mesh, 'a').kv();
  const [one, two] = [Uint8Array.of(1), Uint8Array.of(2)];
  await mesh.run(
    kv.batch([
      { kind: 'put', key: one, value: one },
      { kind: 'put', key: two, value: two },
    ]),
  );
  await mesh.run(kv.delete(one));
  mesh.heal();
  await mesh.settle();
  assert.deepEqual([...storeOn(mesh, 'b').kv().list()], [{ key: two, value: two, conflicted: false }]);

  const [report] = await mesh.run(storeOn(mesh, 'a').sync());
  assert.deepEqual(report?.peer, mesh.machine('b').nodeId);
  assert.equal(report?.failure, undefined);
  assert.deepEqual([report?.sentEntries, report?.receivedEntries], [0, 0]);
});

test('a node that is killed while it makes a mesh has made it wholly, or not at all', async () => {
  for (let step = 1; ; step++) {
    await using mesh = nodes({ online: false });
    const node = await mesh.start('a');
    mesh.machine('a').killAtStep(step);
    let isMade = false;
    void node.createMesh({ name: 'home' }).then(() => (isMade = true));
    await mesh.advance(1_000);
    if (isMade) return assert.equal(step, 4, 'making a mesh takes three steps');
    const found = (await mesh.start('a')).meshes().map((one) => [one.name, one.stores().length]);
    assert.deepEqual(found, step < 3 ? [] : [['home', 1]], `killed at step ${step}`);
  }
});
