import assert from 'node:assert/strict';
import { test } from 'node:test';
import { displayUtf8, utf8 } from '@lattice/model';
import { meshOf, meshOn, put, storeOn } from './support/nodes.js';

test('a snapshot of a store shows one moment, whatever is written here and elsewhere', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'a', 'key', 'old');
  await mesh.settle();
  using snapshot = storeOn(mesh, 'b').snapshot();
  const then = snapshot.kv();
  await put(mesh, 'a', 'key', 'new');
  await put(mesh, 'b', 'other', 'new');
  await mesh.settle();
  const shown = [...then.list()].map(({ key, value }) => `${displayUtf8(key)}=${displayUtf8(value)}`);
  assert.deepEqual(shown, ['key=old']);
  assert.equal(displayUtf8(storeOn(mesh, 'b').kv().get(utf8('key'))?.value ?? utf8('')), 'new');
  assert.throws(() => snapshot.log(), { code: 'store-type-mismatch' });
  await mesh.advance(60_000);
  assert.throws(() => then.get(utf8('key')), { code: 'snapshot-expired' });
});

test('whoever reads a snapshot of a store that is deleted is told so', async () => {
  await using mesh = await meshOf('a', []);
  const store = await mesh.run(meshOn(mesh, 'a').createStore({ type: 'log', name: 'events' }));
  await mesh.run(store.log().append(utf8('one')));
  using snapshot = store.snapshot();
  const then = snapshot.log();
  assert.equal(then.count, 1);
  await mesh.run(store.delete());
  assert.throws(() => then.count, { code: 'store-closed' });
  assert.throws(() => store.snapshot(), { code: 'store-closed' });
});
