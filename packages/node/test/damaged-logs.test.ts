import assert from 'node:assert/strict';
import { test } from 'node:test';
import { storeUuid, toHex } from '@lattice/model';
import { get, meshOf, meshOn, type Nodes, onlineFor, put, storeOn } from './support/nodes.js';

/** `a` and `b` hold three values that `a` wrote; `a`'s copy of one of them is lost, and so is its state. */
async function damagedMesh(lost: number): Promise<Nodes> {
  const mesh = await meshOf('a', ['b']);
  for (const key of ['one', 'two', 'three']) await put(mesh, 'a', key, key);
  await mesh.settle();
  const uuid = storeUuid(storeOn(mesh, 'a').id);
  await mesh.stop('a');
  const stored = mesh.machine('a').disk.stores.get(uuid);
  const item = stored && [...stored.log.itemsFrom(0)][lost];
  assert.ok(item);
  stored.log.damage(item.offset);
  stored.state.tables.clear();
  mesh.partition(['a'], ['b']);
  await mesh.start('a');
  return mesh;
}

for (const [where, lost] of [
  ['in the middle of a log', 1],
  ['at the end of one', 2],
] as const) {
  test(`damage ${where} is told of, and mended by itself once a member was met that has what was lost`, async () => {
    await using mesh = await damagedMesh(lost);
    const store = storeOn(mesh, 'a');
    const [warning = ''] = store.status().warnings;
    assert.match(warning, /^The log is damaged on disk \([\d,]+ bytes at \d+\): .*--accept-loss`\. Look/);
    await assert.rejects(put(mesh, 'a', 'four', 'four'), { code: 'store-damaged' });
    assert.equal(get(mesh, 'a', 'one'), 'one');

    const told: string[] = [];
    mesh.node('a').subscribe((event) => event.kind === 'warning' && told.push(event.message));
    mesh.heal();
    await mesh.settle();
    await mesh.advance(2_000);
    assert.deepEqual(store.status().warnings, []);
    assert.match(
      told.join('\n'),
      /^Mended the log \([\d,]+ bytes at \d+, set aside beside it\) of the store "main"\.$/,
    );
    const { problems, compared } = await mesh.run(store.check());
    assert.deepEqual({ problems, compared }, { problems: [], compared: true });

    await put(mesh, 'a', 'four', 'four');
    await mesh.settle();
    for (const name of ['a', 'b']) {
      assert.deepEqual(storeOn(mesh, name).status().forks, []);
      for (const key of ['one', 'two', 'three', 'four']) assert.equal(get(mesh, name, key), key);
    }
    assert.equal(toHex(storeOn(mesh, 'a').status().digest), toHex(storeOn(mesh, 'b').status().digest));
  });
}

test('what no member has can be let go of, and what is whole is written on', async () => {
  await using mesh = await damagedMesh(2);
  let store = storeOn(mesh, 'a');
  assert.deepEqual(store.status().acceptedLosses, []);
  assert.deepEqual(await mesh.run(store.rebuild({ acceptLoss: true })), {
    entries: 2,
    givenUp: 0,
    reissued: 0,
  });
  await mesh.stop('a');
  await mesh.start('a');
  store = storeOn(mesh, 'a');
  const [loss, ...others] = store.status().acceptedLosses;
  assert.deepEqual(others, []);
  assert.deepEqual({ ...loss, atMs: 0 }, { atMs: 0, givenUp: 0, lost: 0, places: 1 });
  assert.deepEqual((await mesh.run(store.check())).acceptedLosses, [loss]);
  await put(mesh, 'a', 'four', 'four');
  assert.deepEqual(store.status().warnings, []);
  // Here a member had it after all.
  mesh.heal();
  await mesh.settle();
  for (const name of ['a', 'b']) {
    assert.equal(storeOn(mesh, name).status().forks.length, 1);
    for (const key of ['one', 'two', 'three', 'four']) assert.equal(get(mesh, name, key), key);
  }
});

test('damage to what the state has already is told of once a check finds it, and mended from a connected member', async () => {
  await using mesh = await meshOf('a', ['b']);
  for (const key of ['one', 'two', 'three']) await put(mesh, 'a', key, key);
  await mesh.settle();
  const store = storeOn(mesh, 'a');
  mesh.partition(['a'], ['b']);
  await mesh.advance(60_000);
  const stored = mesh.machine('a').disk.stores.get(storeUuid(store.id));
  const items = [...(stored?.log.itemsFrom(0) ?? [])];
  stored?.log.damage(items[0]?.offset ?? 0);
  stored?.log.damage(items[2]?.offset ?? 0);
  assert.deepEqual(store.status().warnings, []);
  const found = (await mesh.run(store.check())).problems.map(({ kind }) => kind);
  assert.deepEqual(found, ['log-damaged', 'log-damaged', 'ancestor-missing']);
  const [warning = ''] = store.status().warnings;
  assert.match(warning, /^The log is damaged on disk \([\d,]+ bytes at \d+, [\d,]+ bytes at \d+\): /);
  assert.doesNotMatch(warning, /writes nothing/);
  await put(mesh, 'a', 'four', 'four');

  const told: string[] = [];
  mesh.node('a').subscribe((event) => event.kind === 'warning' && told.push(event.message));
  mesh.heal();
  await mesh.settle();
  await mesh.advance(60_000);
  assert.deepEqual(store.status().warnings, []);
  assert.match(told.join('\n'), /^Mended the log \(.*, set aside beside it\) of the store "main"\.$/);
  const { problems, compared } = await mesh.run(store.check());
  assert.deepEqual({ problems, compared }, { problems: [], compared: true });
  await put(mesh, 'a', 'five', 'five');
  await mesh.settle();
  for (const name of ['a', 'b']) {
    assert.deepEqual(storeOn(mesh, name).status().forks, []);
    for (const key of ['one', 'two', 'three', 'four', 'five']) assert.equal(get(mesh, name, key), key);
  }
});

test('damage that is found while members are connected is mended at once', async () => {
  await using mesh = await meshOf('a', ['b']);
  for (const key of ['one', 'two', 'three']) await put(mesh, 'a', key, key);
  await mesh.settle();
  await mesh.advance(2_000);
  const store = storeOn(mesh, 'a');
  const stored = mesh.machine('a').disk.stores.get(storeUuid(store.id));
  stored?.log.damage([...stored.log.itemsFrom(0)][1]?.offset ?? 0);
  assert.throws(() => [...store.history({ key: new TextEncoder().encode('two') })], { code: 'log-damaged' });
  await mesh.advance(2_000);
  assert.equal([...store.history({ key: new TextEncoder().encode('two') })].length, 1);
  assert.deepEqual(store.status().warnings, []);
});

for (const lost of [0, 1, 2, 3, 4]) {
  test(`a node that lost record ${lost} of what says who is a member asks those it remembers, and is as before`, async () => {
    await using mesh = await meshOf('a', ['b', 'c']);
    await put(mesh, 'b', 'key', 'of b');
    await mesh.settle();
    await loseOfMesh(mesh, 'b', lost);
    await mesh.start('b');
    await mesh.settle();
    await mesh.advance(60_000);
    assert.deepEqual(onlineFor(mesh, 'b'), ['a', 'c']);
    assert.equal(meshOn(mesh, 'b').status().members, 3);
    assert.deepEqual(mesh.node('b').status().warnings, []);
    assert.equal(get(mesh, 'b', 'key'), 'of b');
    await put(mesh, 'b', 'key', 'again');
    await mesh.settle();
    assert.equal(get(mesh, 'c', 'key'), 'again');
  });
}

test('a node that does not know whether it is a member says what is damaged, and writes nothing until it does', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  for (const lost of [0, 1, 2, 3]) await loseOfMesh(mesh, 'b', lost, lost === 0);
  mesh.partition(['a', 'c'], ['b']);
  await mesh.start('b');
  assert.match(
    mesh.node('b').status().warnings.join(),
    /^Of the mesh "" itself: The log is damaged on disk \(/,
  );
  await assert.rejects(mesh.run(meshOn(mesh, 'b').createStore()), {
    code: 'store-damaged',
    message: /who is a member/,
  });
  mesh.heal();
  await mesh.settle();
  await mesh.advance(60_000);
  await mesh.run(meshOn(mesh, 'b').createStore());
});

test('a node that lost what says who is a member shows nothing to one who was none when it knew', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('c').nodeId));
  await mesh.settle();
  mesh.partition(['a'], ['b', 'c']);
  await put(mesh, 'b', 'key', 'not for c');
  for (const lost of [0, 1, 2, 3, 4, 5]) {
    await loseOfMesh(mesh, 'b', lost);
    await mesh.start('b');
    await mesh.advance(60_000);
    assert.deepEqual(onlineFor(mesh, 'b'), []);
    assert.equal(get(mesh, 'c', 'key'), undefined);
  }
});

/** Of a node that is stopped for it, a record of the mesh store's log, and all that was computed from it. */
async function loseOfMesh(mesh: Nodes, name: string, lost: number, runs = true): Promise<void> {
  const uuid = storeUuid(meshOn(mesh, 'a').id);
  if (runs) await mesh.stop(name);
  const stored = mesh.machine(name).disk.stores.get(uuid);
  const item = stored && [...stored.log.itemsFrom(0)][lost];
  if (item?.kind === 'record') stored?.log.damage(item.offset);
  stored?.state.tables.clear();
}
