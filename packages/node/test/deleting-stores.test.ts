import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPush } from '@lattice/testkit';
import {
  bytes,
  contents,
  eventsOf,
  get,
  join,
  membersFor,
  meshOf,
  meshOn,
  put,
  storeOn,
} from './support/nodes.js';
import { codeOf, isOnDisk, namesOn, withNotes } from './support/with-notes.js';

test('a deleted store is off the list everywhere; its data is freed here, and kept aside there', async () => {
  await using mesh = await withNotes('a', ['b']);
  const { uuid, id } = storeOn(mesh, 'a', 'notes');
  const events = { a: eventsOf(mesh, 'a'), b: eventsOf(mesh, 'b') };
  const { freedBytes } = await mesh.run(storeOn(mesh, 'b', 'notes').delete());
  assert(freedBytes > 10_000, `${freedBytes} bytes`);
  await mesh.settle();
  for (const name of ['a', 'b']) assert.deepEqual(namesOn(mesh, name), ['main'], name);
  assert.deepEqual([isOnDisk(mesh, 'a', uuid), isOnDisk(mesh, 'b', uuid)], [true, false]);
  const told = (own: boolean) => [
    { kind: 'store-deleted', mesh: meshOn(mesh, 'a').id, store: id, name: 'notes', own },
  ];
  assert.deepEqual([events.a, events.b], [told(false), told(true)]);

  assert.deepEqual(mesh.node('b').status().warnings, []);
  const [warning = '', ...more] = mesh.node('a').status().warnings;
  assert.match(
    warning,
    /^The store "notes" was deleted by "b": its data here \([\d.]+ kB\) is freed on \d{4}-/,
  );
  assert.deepEqual(more, []);
});

test('a store is back with all it held when who deleted it is revoked from before that', async () => {
  await using mesh = await withNotes('a', ['b', 'r']);
  mesh.partition(['a'], ['b', 'r']);
  await mesh.run(storeOn(mesh, 'r', 'notes').delete());
  await mesh.settle({ nodes: ['b', 'r'] });
  assert.deepEqual(namesOn(mesh, 'b'), ['main']);
  const events = eventsOf(mesh, 'b');
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  for (const name of ['a', 'b']) assert.equal(get(mesh, name, 'key 0', 'notes')?.length, 3_000, name);
  assert.deepEqual(mesh.node('b').status().warnings, []);
  assert(events.some((event) => event.kind === 'store-created' && event.name === 'notes' && !event.own));
  await put(mesh, 'b', 'after', 'all is well', 'notes');
  await mesh.settle({ nodes: ['a', 'b'] });
  await mesh.restart('b');
  assert.equal(get(mesh, 'b', 'after', 'notes'), 'all is well');
});

test('a store whose maker is revoked from before is set aside as well, and says why', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  mesh.partition(['a'], ['b', 'r']);
  await mesh.run(meshOn(mesh, 'r').createStore({ name: 'notes' }));
  await mesh.settle({ nodes: ['b', 'r'] });
  await put(mesh, 'b', 'key', 'honest work', 'notes');
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  for (const name of ['a', 'b']) assert.deepEqual(namesOn(mesh, name), ['main'], name);
  assert.match(mesh.node('b').status().warnings.join(), /"notes" is off the list, since .* was ended/);
  await mesh.restart('b');
  assert.match(mesh.node('b').status().warnings.join(), /"notes" is off the list/);
});

test('a store deleted by two while apart is deleted once, and freed at once by both', async () => {
  await using mesh = await withNotes('a', ['b', 'c']);
  const { uuid } = storeOn(mesh, 'a', 'notes');
  mesh.partition(['a'], ['b'], ['c']);
  for (const name of ['a', 'b']) await mesh.run(storeOn(mesh, name, 'notes').delete());
  await put(mesh, 'c', 'written', 'meanwhile', 'notes');
  mesh.heal();
  await mesh.settle();
  assert.deepEqual(
    ['a', 'b', 'c'].map((name) => isOnDisk(mesh, name, uuid)),
    [false, false, true],
  );
});

test('a store that is renamed and deleted while apart is deleted, and its name is free', async () => {
  await using mesh = await withNotes('a', ['b']);
  mesh.partition(['a'], ['b']);
  await mesh.run(storeOn(mesh, 'a', 'notes').rename('diary'));
  await mesh.run(storeOn(mesh, 'b', 'notes').delete());
  await mesh.run(meshOn(mesh, 'b').createStore({ name: 'notes' }));
  mesh.heal();
  await mesh.settle();
  for (const name of ['a', 'b']) assert.deepEqual(namesOn(mesh, name), ['main', 'notes']);
  assert.deepEqual(contents(mesh, 'a', 'notes'), {}, 'a new one');
});

test('whoever uses a store that is deleted meanwhile is told so', async () => {
  await using mesh = await withNotes('a', ['b']);
  const store = storeOn(mesh, 'a', 'notes');
  const kv = store.kv();
  const listing = kv.list()[Symbol.iterator]();
  const writing = Array.from({ length: 20 }, (_, i) => codeOf(kv.put(bytes(`new ${i}`), bytes('value'))));
  const [outcomes] = await mesh.run(Promise.all([Promise.all(writing), store.delete()]));
  for (const code of outcomes) assert(['none', 'store-closed'].includes(code), code);
  const closed = { code: 'store-closed' };
  assert.throws(() => kv.get(bytes('key 0')), closed);
  assert.throws(() => [...kv.list()], closed);
  assert.throws(() => store.status(), closed);
  assert.throws(() => store.kv().heads(bytes('key 0')), closed);
  await assert.rejects(mesh.run(kv.put(bytes('key'), bytes('value'))), { ...closed, message: /deleted/ });
  await assert.rejects(mesh.run(store.sync()), closed);
  await assert.rejects(mesh.run(store.rename('again')), closed);
  await assert.rejects(mesh.run(store.delete()), closed);
  listing.return?.();
  assert.throws(() => meshOn(mesh, 'a').store('notes'), { code: 'store-not-found' });
});

test('a sync that is under way when the store is deleted fails cleanly, whoever deletes it', async () => {
  for (const deleter of ['a', 'b']) {
    for (const afterMs of [1, 5, 9, 13, 20]) {
      await using mesh = await meshOf('a', ['b']);
      await mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' }));
      await mesh.settle();
      await mesh.stop('b');
      for (let i = 0; i < 8; i++) await put(mesh, 'a', `key ${i}`, 'x'.repeat(150_000), 'notes');
      await mesh.start('b');
      await mesh.advance(afterMs);
      const syncing = codeOf(storeOn(mesh, 'b', 'notes').sync());
      await mesh.run(storeOn(mesh, deleter, 'notes').delete());
      assert(['none', 'store-closed'].includes(await mesh.run(syncing)));
      await mesh.settle();
      assert.deepEqual(mesh.node('a').meshes().length, 1);
    }
  }
});

test('pushes for a store that is deleted here bring about no syncs', async () => {
  await using mesh = await withNotes('a', ['b']);
  const before = storeOn(mesh, 'b', 'notes');
  // b is not to hear of it: what a says at once gets lost, and the next sync is far off.
  mesh.loss = (from, _to, frame) => from === 'a' && isPush(frame);
  await mesh.run(storeOn(mesh, 'a', 'notes').delete());
  const received = mesh.record('b');
  for (let i = 0; i < 50; i++) await mesh.run(before.kv().put(bytes(`late ${i}`), bytes('value')));
  await mesh.advance(100);
  assert(received.length <= 5, `${received.length} frames`);
  mesh.loss = () => false;
  await mesh.settle();
  assert.deepEqual(namesOn(mesh, 'b'), ['main']);
});

test('a deletion that a crash cuts off at any step is finished on the next start, or was not begun', async () => {
  for (let step = 1; step <= 3; step++) {
    await using mesh = await withNotes('a', ['b']);
    const { uuid } = storeOn(mesh, 'a', 'notes');
    mesh.partition(['a'], ['b']);
    mesh.machine('a').killAtStep(step);
    void storeOn(mesh, 'a', 'notes')
      .delete()
      .catch(() => undefined);
    await mesh.advance(100);
    if (mesh.running.includes('a')) await mesh.kill('a');
    await mesh.start('a');
    const isListed = namesOn(mesh, 'a').includes('notes');
    assert.equal(isOnDisk(mesh, 'a', uuid), isListed, `cut off at step ${step}`);
    assert.equal(isListed, step === 1, `step ${step}`);
    assert.deepEqual(mesh.node('a').status().warnings, []);
    mesh.heal();
    await mesh.settle();
    // What another deletes is set aside all the same, whatever was intended here.
    if (!isListed) continue;
    await mesh.run(storeOn(mesh, 'b', 'notes').delete());
    await mesh.settle();
    assert(isOnDisk(mesh, 'a', uuid));
  }
});

test('the selection falls to another store, or to none', async () => {
  await using mesh = await withNotes('a', []);
  const [node, home] = [mesh.node('a'), meshOn(mesh, 'a')];
  node.select(home, home.store('notes'));
  await mesh.run(home.store('notes').delete());
  assert.equal(node.selection().store?.name, 'main');
  await mesh.run(home.store('main').delete());
  assert.deepEqual(node.selection(), { mesh: home });
  await mesh.restart('a');
  assert.equal(mesh.node('a').selection().store, undefined);
});

test('a joiner gets nothing of a deleted store, and no events of what was there before', async () => {
  await using mesh = await withNotes('a', []);
  await mesh.run(storeOn(mesh, 'a', 'notes').delete());
  await mesh.start('b');
  const events = eventsOf(mesh, 'b');
  await join(mesh, 'b', 'a');
  await mesh.settle();
  assert.deepEqual(namesOn(mesh, 'b'), ['main']);
  assert(!events.some(({ kind }) => kind === 'store-created' || kind === 'store-deleted'));
  assert.deepEqual(mesh.node('b').status().warnings, []);
});

test('who is no member any more deletes and renames nothing', async () => {
  await using mesh = await withNotes('a', ['r']);
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  await mesh.advance(1_000);
  assert.deepEqual(membersFor(mesh, 'r'), ['a member', 'r revoked']);
  await assert.rejects(mesh.run(storeOn(mesh, 'r', 'notes').delete()), { code: 'not-a-member' });
  await assert.rejects(mesh.run(storeOn(mesh, 'r', 'notes').rename('mine')), { code: 'not-a-member' });
  await mesh.restart('r');
  assert.equal(get(mesh, 'r', 'key 0', 'notes')?.length, 3_000);
});
