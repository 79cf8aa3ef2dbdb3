import assert from 'node:assert/strict';
import { test } from 'node:test';
import { eventsOf, meshOf, type Nodes, onlineFor, put } from './support/nodes.js';

const hourMs = 3_600_000;

test('a machine that slept drops who is gone within five seconds, and keeps who is there', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await mesh.advance(60_000);
  const events = eventsOf(mesh, 'a');
  await mesh.kill('b');
  mesh.skew('a', 8 * hourMs);
  await mesh.until('b is offline', () => !onlineFor(mesh, 'a').includes('b'), 5_100);
  await mesh.advance(60_000);
  assert.deepEqual(onlineFor(mesh, 'a'), ['c']);
  assert.deepEqual(
    events.map(({ kind }) => kind).filter((kind) => kind.startsWith('peer-')),
    ['peer-offline'],
  );
});

test('where the clock of the machine was set back, or by seconds, nobody is asked', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.kill('b');
  mesh.skew('a', 4_000);
  await mesh.advance(2_100);
  mesh.skew('a', -hourMs);
  await mesh.advance(6_000);
  assert.deepEqual(onlineFor(mesh, 'a'), ['b'], 'it takes the usual while');
});

test('a machine that slept dials at once, and does not wait for its next attempt', async () => {
  await using mesh = await lonely();
  mesh.skew('a', 8 * hourMs);
  await mesh.until('they have found each other', () => onlineFor(mesh, 'a').includes('b'), 2_500);
});

test('so does one whose addresses are others now', async () => {
  await using mesh = await lonely();
  mesh.machine('a').moveTo('memory:somewhere else again');
  await mesh.until('they have found each other', () => onlineFor(mesh, 'a').includes('b'), 500);
});

test('a network that was gone for minutes, of which nothing was to be seen here, is noticed within ten seconds', async () => {
  for (const minutes of [1, 4, 9]) {
    await using mesh = await meshOf('a', ['b']);
    mesh.partition(['a'], ['b']);
    await mesh.advance(minutes * 60_000);
    assert.deepEqual(onlineFor(mesh, 'a'), []);
    await put(mesh, 'a', 'key', 'from a');
    await put(mesh, 'b', 'other', 'from b');
    mesh.heal();
    await mesh.settle({ withinMs: 10_000 });
  }
});

test('whoever reaches the first of its peers tries the others, instead of waiting for their turns', async () => {
  await using mesh = await meshOf('a', ['b', 'c', 'd']);
  mesh.partition(['a'], ['b', 'c', 'd']);
  await mesh.advance(hourMs);
  mesh.heal();
  await mesh.until('one is reached', () => onlineFor(mesh, 'a').length > 0, 70_000);
  await mesh.until('all are', () => onlineFor(mesh, 'a').length === 3, 2_000);
});

/** Where `a` knows where `b` is, who cannot know where `a` is; and `a`, having tried for long, is to wait before the next attempt. */
async function lonely(): Promise<Nodes> {
  const mesh = await meshOf('a', ['b']);
  await mesh.stop('b');
  await mesh.stop('a');
  mesh.machine('a').moveTo('memory:somewhere else');
  await mesh.start('a');
  await mesh.advance(hourMs);
  let dialledMs = 0;
  mesh.machine('a').onDial = () => (dialledMs = mesh.time.monotonicMs());
  await mesh.until('a has dialled', () => dialledMs > 0, 120_000);
  await mesh.advance(15_000);
  await mesh.start('b');
  await mesh.advance(1_000);
  assert.deepEqual(onlineFor(mesh, 'a'), []);
  return mesh;
}
