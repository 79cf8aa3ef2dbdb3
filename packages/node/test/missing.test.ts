import assert from 'node:assert/strict';
import { test } from 'node:test';
import { meshOf, put, storeOn } from './support/nodes.js';

test('a node that lacks an entry says which, of whom, how many wait for it, and who sent those', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.loss = (from) => from === 'a';
  await put(mesh, 'a', 'key', 'lost on its way');
  // What follows arrives; that b asks for what it lacks does not.
  mesh.loss = (from) => from === 'b';
  await put(mesh, 'a', 'key', '1');
  await mesh.advance(100);
  assert.match(storeOn(mesh, 'b').status().warnings.join(), /^1 entry from "a" waits for entry 1 of "a",/);
  await put(mesh, 'a', 'key', '2');
  await mesh.advance(100);
  const { missing, pending, warnings } = storeOn(mesh, 'b').status();
  const a = mesh.node('a').id;
  assert.equal(pending, 2);
  assert.deepEqual(
    missing.map(({ author, seq, waiting, sender }) => ({ author, seq, waiting, sender })),
    [{ author: a, seq: 1, waiting: 2, sender: a }],
  );
  assert.match(
    warnings.join(),
    /^2 entries from "a" wait for entry 1 of "a", not here yet: `store sync` brings it/,
  );

  mesh.loss = () => false;
  await mesh.settle();
  assert.deepEqual(storeOn(mesh, 'b').status().missing, []);
  assert.deepEqual(storeOn(mesh, 'b').status().warnings, []);
});
