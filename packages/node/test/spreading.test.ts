import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPush } from '@lattice/testkit';
import { contents, eventsOf, get, meshOf, put, storeOn } from './support/nodes.js';

/** Twice the longest time between two reconciliations. */
const reconciledWithinMs = 2 * 45_000;

test('with every push lost, the periodic reconciliation alone brings everything', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.advance(60_000);
  let lost = 0;
  mesh.loss = (_from, _to, frame) => isPush(frame) && ++lost > 0;
  for (const name of ['a', 'b', 'c']) await put(mesh, name, `of ${name}`, '1');
  await mesh.advance(1_000);
  assert(lost >= 6, 'every node pushed to both others');
  assert.deepEqual(contents(mesh, 'b'), { 'of b': '1' });
  await mesh.settle({ withinMs: reconciledWithinMs });
  assert.deepEqual(contents(mesh, 'b'), { 'of a': '1', 'of b': '1', 'of c': '1' });
});

test('one lost push is made good as soon as the next one comes', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.loss = (_from, _to, frame) => isPush(frame);
  await put(mesh, 'a', 'lost', '1');
  await mesh.advance(10);
  mesh.loss = () => false;
  await put(mesh, 'a', 'not lost', '1');
  const tookMs = await mesh.settle();
  assert(tookMs <= 100, `${tookMs} ms`);
  assert.deepEqual(contents(mesh, 'b'), { lost: '1', 'not lost': '1' });
  assert.equal(storeOn(mesh, 'b').status().pending, 0);
});

test('a push that depends on what a third one wrote and nobody passed on is made good too', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.loss = (_from, to, frame) => to === 'c' && isPush(frame);
  await put(mesh, 'a', 'key', 'of a');
  await mesh.settle({ nodes: ['a', 'b'], withinMs: 100 });
  mesh.loss = () => false;
  await put(mesh, 'b', 'key', 'of b, who had seen that of a');
  const tookMs = await mesh.settle();
  assert(tookMs <= 100, `${tookMs} ms`);
  assert.deepEqual(contents(mesh, 'c'), { key: 'of b, who had seen that of a' });
});

test('what comes from one is passed on to those whom it cannot reach', async () => {
  await using mesh = await meshOf('b', ['a', 'c']);
  mesh.partition(['a'], ['c']);
  await put(mesh, 'a', 'key', 'over b');
  const tookMs = await mesh.settle();
  assert(tookMs <= 100, `${tookMs} ms`);
  assert.equal(get(mesh, 'c', 'key'), 'over b');
});

test('a push costs each link one message, and nothing goes round in circles', async () => {
  const names = ['a', 'b', 'c', 'd'];
  await using mesh = await meshOf('a', names.slice(1));
  await mesh.advance(5_000);
  let pushes = 0;
  mesh.loss = (_from, _to, frame) => {
    if (isPush(frame)) pushes++;
    return false;
  };
  await put(mesh, 'a', 'key', 'value');
  await mesh.advance(1_000);
  // Each of the three passes it on to the two others once.
  assert(pushes <= 3 + 3 * 2, `${pushes} pushes`);
});

test('a reader that does not read delays nobody else, and has everything when it reads again', async () => {
  await using mesh = await meshOf('a', ['b', 'slow']);
  await mesh.advance(20_000);
  mesh.stall('slow');
  const value = 'x'.repeat(200_000);
  for (let i = 0; i < 40; i++) {
    await put(mesh, 'a', `key ${i}`, value);
    const tookMs = await mesh.settle({ nodes: ['a', 'b'] });
    assert(tookMs <= 100, `${tookMs} ms for b`);
  }
  await mesh.advance(2_000);
  mesh.resume('slow');
  await mesh.settle({ withinMs: 10_000 });
  assert.equal(Object.keys(contents(mesh, 'slow')).length, 40);
});

test('what waits for a reader that does not read is bounded', async () => {
  await using mesh = await meshOf('a', ['slow']);
  await mesh.advance(20_000);
  let written = 0;
  mesh.loss = (_from, to, frame) => {
    if (to === 'slow') written += frame.length;
    return false;
  };
  mesh.stall('slow');
  for (let i = 0; i < 60; i++) await put(mesh, 'a', `key ${i}`, 'x'.repeat(200_000));
  await mesh.advance(1_000);
  assert(written <= 6_000_000, `${written} bytes are handed to the network, of 12 MB`);
  mesh.resume('slow');
  await mesh.settle({ withinMs: 10_000 });
});

test('a reader that does not read for too long is given up, and syncs when it is back', async () => {
  await using mesh = await meshOf('a', ['slow']);
  const events = eventsOf(mesh, 'a');
  mesh.stall('slow');
  await put(mesh, 'a', 'key', 'value');
  await mesh.advance(60_000);
  assert(events.some(({ kind }) => kind === 'peer-offline'));
  mesh.resume('slow');
  await mesh.settle({ withinMs: 120_000 });
  assert.equal(get(mesh, 'slow', 'key'), 'value');
});

test('a thousand writes at once arrive, in few entries', async () => {
  await using mesh = await meshOf('a', ['b']);
  const kv = storeOn(mesh, 'a').kv();
  const encoder = new TextEncoder();
  const writes = Array.from({ length: 1_000 }, (_, i) =>
    kv.put(encoder.encode(`key ${i}`), encoder.encode(`${i}`)),
  );
  await mesh.run(Promise.all(writes));
  await mesh.settle({ withinMs: 100 });
  assert.equal(Object.keys(contents(mesh, 'b')).length, 1_000);
  assert(storeOn(mesh, 'b').status().entries < 20);
});

test('history of many entries by several authors comes to a joiner whole', async () => {
  await using mesh = await meshOf('a', ['b']);
  for (let i = 0; i < 150; i++) await put(mesh, i % 3 ? 'a' : 'b', `key ${i % 40}`, `${i}`);
  await mesh.settle();
  await mesh.stop('a');
  await mesh.start('c');
  const { token } = await mesh.run(
    mesh.node('b').meshes()[0]?.createInvite() ?? Promise.reject(new Error('no mesh')),
  );
  await mesh.run(mesh.node('c').joinMesh(token));
  assert.deepEqual(contents(mesh, 'c'), contents(mesh, 'b'), 'it is all there when the join is over');
  await mesh.settle();
});
