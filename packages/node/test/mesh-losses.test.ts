import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeUuid, toHex } from '@lattice/model';
import { MemoryStore } from '@lattice/storage';
import {
  assertSameContents,
  get,
  invite,
  join,
  membersFor,
  meshOf,
  meshOn,
  type Nodes,
  put,
  storeOn,
} from './support/nodes.js';

for (const unlucky of ['a', 'b'] as const) {
  const other = unlucky === 'a' ? 'b' : 'a';

  test(`what ${unlucky} did in the mesh behind a record that nobody has is done still, once the loss is accepted`, async () => {
    await using mesh = await meshThatLost(unlucky, other);
    assert.deepEqual(storeNames(mesh, unlucky), ['main']);
    const [warning = ''] = mesh.node(unlucky).status().warnings;
    assert.match(warning, /^Of the mesh "home" itself: .* `mesh rebuild --accept-loss`\./);
    await assert.rejects(mesh.run(meshOn(mesh, unlucky).createStore()), { code: 'store-damaged' });
    assert.deepEqual(meshOn(mesh, unlucky).status().acceptedLosses, []);

    const report = await mesh.run(meshOn(mesh, unlucky).rebuild({ acceptLoss: true }));
    assert.equal(report.reissued, 5, 'an invite, an admission, a store and two names');
    assert.deepEqual(mesh.node(unlucky).status().warnings, []);
    assert.deepEqual(storeNames(mesh, unlucky), ['called otherwise', 'second']);
    await put(mesh, unlucky, 'written', 'since', 'second');

    mesh.heal();
    await mesh.settle();
    for (const name of ['a', 'b']) {
      assert.deepEqual(storeNames(mesh, name), ['called otherwise', 'second']);
      assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'c member']);
      assert.equal(get(mesh, name, 'key', 'second'), 'value');
      assert.equal(get(mesh, name, 'written', 'second'), 'since');
    }
    assertAgree(mesh, ['a', 'b']);
  });

  test(`what ${unlucky} did behind a record that turns up after all is done once`, async () => {
    await using mesh = await meshThatLost(unlucky, other);
    await mesh.run(meshOn(mesh, unlucky).rebuild({ acceptLoss: true }));
    mesh.heal();
    await mesh.settle();
    const before = membersFor(mesh, other);
    await mesh.start('c');
    await mesh.settle();
    await mesh.advance(60_000);
    await mesh.settle();
    for (const name of ['a', 'b', 'c']) {
      assert.deepEqual(storeNames(mesh, name), ['called otherwise', 'lost', 'second']);
      assert.deepEqual(membersFor(mesh, name), before);
      assert.deepEqual(mesh.node(name).status().warnings, []);
    }
    assertAgree(mesh, ['a', 'b', 'c']);
  });
}

test('a loss that was accepted is remembered, and the mesh is whole from then on', async () => {
  await using mesh = await meshThatLost('a', 'b');
  await mesh.run(meshOn(mesh, 'a').rebuild({ acceptLoss: true }));
  await mesh.stop('a');
  await mesh.start('a');
  const [loss, ...others] = meshOn(mesh, 'a').status().acceptedLosses;
  assert.deepEqual(others, []);
  assert.equal(loss?.places, 1);
  const { problems, compared, acceptedLosses } = await mesh.run(meshOn(mesh, 'a').check());
  assert.deepEqual(
    { problems, compared, acceptedLosses },
    { problems: [], compared: true, acceptedLosses: [loss] },
  );
  const { givenUp, reissued } = await mesh.run(meshOn(mesh, 'a').rebuild({ acceptLoss: true }));
  assert.deepEqual({ givenUp, reissued }, { givenUp: 0, reissued: 0 });
  assert.equal(meshOn(mesh, 'a').status().acceptedLosses.length, 1);
});

test('an admission on the invite of another is one still, where it saw that through what is lost', async () => {
  await using mesh = await meshOf('a', ['b']);
  const token = await invite(mesh, 'a');
  await mesh.settle();
  await part(mesh, ['a'], ['b', 'c']);
  await mesh.run(meshOn(mesh, 'b').createStore({ name: 'lost' }));
  await mesh.start('c');
  await mesh.run(mesh.node('c').joinMesh(token));
  await mesh.advance(10_000);
  await mesh.stop('c');
  await loseOfMesh(mesh, 'b', 'lost');
  await mesh.run(meshOn(mesh, 'b').rebuild({ acceptLoss: true }));
  mesh.heal();
  await mesh.settle();
  for (const name of ['a', 'b'])
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'c member']);
  assertAgree(mesh, ['a', 'b']);
});

test('a revocation still accepts what it accepted, where it saw that through what is lost', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.run(meshOn(mesh, 'c').createStore({ name: 'by c' }));
  await put(mesh, 'c', 'key', 'value', 'by c');
  await mesh.settle();
  await part(mesh, ['a', 'c'], ['b']);
  await mesh.run(meshOn(mesh, 'b').createStore({ name: 'lost' }));
  await mesh.run(meshOn(mesh, 'b').revoke(mesh.machine('c').nodeId));
  await loseOfMesh(mesh, 'b', 'lost');
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'c member']);
  await mesh.run(meshOn(mesh, 'b').rebuild({ acceptLoss: true }));
  await mesh.stop('c');
  mesh.heal();
  await mesh.settle();
  for (const name of ['a', 'b']) {
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'c revoked']);
    assert.equal(get(mesh, name, 'key', 'by c'), 'value');
  }
  assertAgree(mesh, ['a', 'b']);
});

test('damage to what the mesh knows already loses nothing but what only the lost record said', async () => {
  await using mesh = await meshOf('a', ['b']);
  await part(mesh, ['a'], ['b']);
  for (const name of ['lost', 'second']) await mesh.run(meshOn(mesh, 'a').createStore({ name }));
  await put(mesh, 'a', 'key', 'value', 'second');
  const { log } = logOfMesh(mesh, 'a');
  log.damage(offsetsOf(mesh, 'a').at(-2) ?? 0);
  const { problems } = await mesh.run(meshOn(mesh, 'a').check());
  assert.deepEqual(
    problems.map(({ kind }) => kind),
    ['log-damaged', 'ancestor-missing'],
  );
  assert.match(problems[0]?.message ?? '', /see `help mesh rebuild` for --accept-loss/);
  await assert.rejects(mesh.run(meshOn(mesh, 'a').rebuild()), { code: 'log-lost-entries' });
  assert.deepEqual(storeNames(mesh, 'a'), ['lost', 'main', 'second']);
  const second = storeOn(mesh, 'a', 'second');
  const { reissued } = await mesh.run(meshOn(mesh, 'a').rebuild({ acceptLoss: true }));
  assert.equal(reissued, 1);
  assert.deepEqual(storeNames(mesh, 'a'), ['main', 'second']);
  assert.equal(storeOn(mesh, 'a', 'second'), second, 'which was in use all the time');
  mesh.heal();
  await mesh.settle();
  assert.equal(get(mesh, 'b', 'key', 'second'), 'value');
  assertAgree(mesh, ['a', 'b']);
});

test('the last record of the mesh, which nobody has, is gone with what it said', async () => {
  await using mesh = await meshOf('a', ['b']);
  await part(mesh, ['a'], ['b']);
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'lost' }));
  logOfMesh(mesh, 'a').log.damage(offsetsOf(mesh, 'a').at(-1) ?? 0);
  await assert.rejects(mesh.run(meshOn(mesh, 'a').rebuild({ force: true })), { code: 'store-damaged' });
  assert.deepEqual(storeNames(mesh, 'a'), ['lost', 'main']);
  await mesh.run(meshOn(mesh, 'a').rebuild({ acceptLoss: true }));
  assert.deepEqual(storeNames(mesh, 'a'), ['main']);
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'another' }));
  mesh.heal();
  await mesh.settle();
  assertAgree(mesh, ['a', 'b']);
});

/**
 * Of two members, one lets c in and changes the list of stores, apart from the other; then it loses the record of the store "lost",
 * which came first, and c is away.
 */
async function meshThatLost(unlucky: string, other: string): Promise<Nodes> {
  const mesh = await meshOf('a', ['b']);
  await part(mesh, [unlucky, 'c'], [other]);
  await mesh.run(meshOn(mesh, unlucky).createStore({ name: 'lost' }));
  await mesh.start('c');
  await join(mesh, 'c', unlucky);
  await mesh.run(meshOn(mesh, unlucky).createStore({ name: 'second' }));
  for (const name of ['called so', 'called otherwise'])
    await mesh.run(meshOn(mesh, unlucky).stores()[0]?.rename(name) ?? Promise.reject(new Error('no store')));
  await put(mesh, unlucky, 'key', 'value', 'second');
  await mesh.advance(10_000);
  await mesh.stop('c');
  await loseOfMesh(mesh, unlucky, 'lost');
  return mesh;
}

/** Nothing passes between these groups any more, what was on its way included. */
async function part(mesh: Nodes, ...groups: readonly (readonly string[])[]): Promise<void> {
  mesh.partition(...groups);
  await mesh.advance(60_000);
}

/** Has the node lose the record that made that store, and what was computed of the mesh store. */
async function loseOfMesh(mesh: Nodes, name: string, store: string): Promise<void> {
  const { log, state } = logOfMesh(mesh, name);
  await mesh.stop(name);
  const lost = [...log.itemsFrom(0)].find(
    (item) => item.kind === 'record' && Buffer.from(item.record).includes(store),
  );
  assert.ok(lost);
  log.damage(lost.offset);
  state.tables.clear();
  await mesh.start(name);
}

function logOfMesh(mesh: Nodes, name: string) {
  const stored = mesh.machine(name).disk.stores.get(storeUuid(meshOn(mesh, name).id));
  assert.ok(stored);
  return stored;
}

function offsetsOf(mesh: Nodes, name: string): number[] {
  return [...logOfMesh(mesh, name).log.itemsFrom(0)].map(({ offset }) => offset);
}

function storeNames(mesh: Nodes, name: string): readonly string[] {
  return meshOn(mesh, name)
    .stores()
    .map((store) => store.name)
    .sort();
}

function assertAgree(mesh: Nodes, names: readonly string[]): void {
  const digests = names.map((name) => toHex(meshOn(mesh, name).status().digest));
  assert.equal(new Set(digests).size, 1);
  assertSameContents(mesh, names);
}

test('nobody leaves whose mesh has lost what lists a store: what is in it may be nowhere else', async () => {
  await using mesh = await meshOf('a', ['b']);
  await part(mesh, ['a'], ['b']);
  await put(mesh, 'b', 'key', 'of b alone');
  await loseOfMesh(mesh, 'b', 'main');
  assert.deepEqual(storeNames(mesh, 'b'), []);
  const leave = (force: boolean) => mesh.run(mesh.node('b').leaveMesh(meshOn(mesh, 'b'), { force }));
  await assert.rejects(leave(false), { code: 'store-damaged', message: /leave again.*--force/ });
  mesh.heal();
  await assert.rejects(leave(false), { code: 'store-damaged' });
  await mesh.settle();
  await mesh.advance(60_000);
  assert.deepEqual(await leave(false), { told: true });
  await mesh.settle({ nodes: ['a'] });
  assert.equal(get(mesh, 'a', 'key'), 'of b alone');
});

test('by force one leaves a mesh, too, whose damage keeps one from writing to it', async () => {
  await using mesh = await meshThatLost('b', 'a');
  const lost = meshOn(mesh, 'b');
  await assert.rejects(mesh.run(mesh.node('b').leaveMesh(lost)), { code: 'store-damaged' });
  const report = await mesh.run(mesh.node('b').leaveMesh(lost, { force: true }));
  assert.deepEqual(report, { told: false });
  assert.deepEqual(mesh.node('b').meshes(), []);
  assert.deepEqual([...mesh.machine('b').disk.stores.keys()], [], 'what is not listed is gone, too');
});

test('a loss of all that is known of the mesh is not accepted: with the state, this node is in it still', async () => {
  await using mesh = await meshOf('a', []);
  await put(mesh, 'a', 'key', 'value');
  for (const offset of offsetsOf(mesh, 'a')) logOfMesh(mesh, 'a').log.damage(offset);
  await assert.rejects(mesh.run(meshOn(mesh, 'a').rebuild({ acceptLoss: true })), {
    code: 'log-lost-entries',
    message: /Have a member bring it back, or restore a backup; .* export the stores/,
  });
  assert.deepEqual(storeNames(mesh, 'a'), ['main']);
  assert.equal(get(mesh, 'a', 'key'), 'value');
});

test('a mesh whose log is gone altogether is not taken for one that was never joined: a token brings it back', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'b', 'key', 'of b');
  await mesh.settle();
  const { uuid } = meshOn(mesh, 'b');
  await mesh.stop('b');
  const { stores } = mesh.machine('b').disk;
  const genesis = stores.get(uuid)?.genesis;
  assert.ok(genesis);
  stores.set(uuid, new MemoryStore(genesis));
  const before = [...stores.keys()];
  const node = await mesh.start('b');
  assert.deepEqual(node.meshes(), []);
  assert.deepEqual([...stores.keys()], before, 'nothing is removed');
  await join(mesh, 'b', 'a');
  await mesh.settle();
  assert.equal(get(mesh, 'b', 'key'), 'of b');
});
