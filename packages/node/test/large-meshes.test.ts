import assert from 'node:assert/strict';
import { test } from 'node:test';
import { viewSizes } from '@lattice/gossip';
import { isGossip, isPush } from '@lattice/testkit';
import { get, join, meshOf, meshOn, type Nodes, onlineFor, put } from './support/nodes.js';

const names = Array.from({ length: 12 }, (_, i) => `n${i}`);
const inView = viewSizes(names.length).active;

/** A mesh too large for everybody to be told by everybody, whose overlay has settled. */
async function largeMesh(): Promise<Nodes> {
  const mesh = await meshOf('n0', names.slice(1), { seed: seedOf() });
  await mesh.advance(60_000);
  return mesh;
}

test('in a large mesh each is connected with some, and a write is with all at once, told to hardly anybody twice', async () => {
  await using mesh = await largeMesh();
  const counts = () => names.map((name) => mesh.machine(name).inUse.connections.length);
  // With whom it has just exchanged something a node is connected for some seconds more.
  await mesh.until(
    'nobody is connected with more than are in view',
    () => Math.max(...counts()) <= inView,
    300_000,
  );
  assert.ok(Math.min(...counts()) >= 2, counts().join());

  for (const name of names) {
    await put(mesh, name, `first of ${name}`, '1');
    await mesh.advance(2_000);
  }
  let pushes = 0;
  mesh.loss = (_from, _to, frame) => {
    if (isPush(frame)) pushes++;
    return false;
  };
  for (const name of names) {
    await put(mesh, name, 'key', `of ${name}`);
    const hasIt = (other: string) => get(mesh, other, 'key') === `of ${name}`;
    await mesh.until(`all have what ${name} wrote`, () => names.every(hasIt), 2_000);
  }
  const others = names.length - 1;
  // Everybody telling everybody would be the square of that for each write.
  assert.ok(pushes <= names.length * others * 1.5, `${pushes} pushes of ${names.length} writes`);
});

test('in a large mesh who is not connected is not said to be offline, and who is revoked is connected with nobody', async () => {
  await using mesh = await largeMesh();
  const others = meshOn(mesh, 'n0')
    .peers()
    .filter(({ self }) => !self);
  const connected = others.filter(({ online }) => online === true).length;
  assert.equal(connected, meshOn(mesh, 'n0').status().online);
  assert.equal(others.filter(({ online }) => online === undefined).length, others.length - connected);

  await mesh.run(meshOn(mesh, 'n0').revoke(mesh.machine('n5').nodeId));
  await mesh.advance(5_000);
  const rest = names.filter((one) => one !== 'n5');
  for (const name of rest) assert.ok(!onlineFor(mesh, name).includes('n5'), name);
  assert.equal(
    meshOn(mesh, 'n0')
      .peers()
      .find(({ status }) => status === 'revoked')?.online,
    false,
  );
  await put(mesh, 'n1', 'key', 'after');
  await mesh.advance(2_000);
  assertAllHave(mesh, rest, 'key', 'after');
  assert.equal(get(mesh, 'n5', 'key'), undefined);
});

test('halves of a large mesh that were apart find together, and when one half is gone the other goes on', async () => {
  await using mesh = await largeMesh();
  const [left, right] = [names.slice(0, 6), names.slice(6)];
  mesh.partition(left, right);
  await mesh.advance(120_000);
  await put(mesh, 'n0', 'left', '1');
  await put(mesh, 'n11', 'right', '1');
  await mesh.advance(5_000);
  assertAllHave(mesh, left, 'left', '1');
  assert.equal(get(mesh, 'n11', 'left'), undefined);
  mesh.heal();
  await mesh.settle({ withinMs: 5 * 60_000 });

  for (const name of left) await mesh.kill(name);
  await mesh.advance(60_000);
  await put(mesh, 'n11', 'key', 'after');
  await mesh.advance(2_000);
  assertAllHave(mesh, right, 'key', 'after');
});

test('with every push and every message of the overlay lost, reconciliation alone brings everything', async () => {
  await using mesh = await largeMesh();
  let lost = 0;
  mesh.loss = (_from, _to, frame) => (isPush(frame) || isGossip(frame)) && ++lost > 0;
  for (const name of names) await put(mesh, name, `of ${name}`, '1');
  await mesh.settle({ withinMs: 5 * 60_000 });
  assert.ok(lost > 0);
  for (const name of names) assertAllHave(mesh, names, `of ${name}`, '1');
});

test('a mesh that grows too large for that goes over from telling everybody to its tree, and loses nothing', async () => {
  await using mesh = await meshOf('n0', names.slice(1, 8), { seed: seedOf() });
  for (const name of names.slice(8)) {
    await mesh.start(name);
    await join(mesh, name, 'n0');
    await put(mesh, 'n3', `while ${name} came`, '1');
  }
  await mesh.settle({ withinMs: 120_000 });
  assert.equal(meshOn(mesh, 'n0').status().members, 12);
  for (const name of names.slice(8)) assertAllHave(mesh, names, `while ${name} came`, '1');
});

function assertAllHave(mesh: Nodes, who: readonly string[], key: string, value: string): void {
  for (const name of who) assert.equal(get(mesh, name, key), value, name);
}

/** To try others by hand: `LATTICE_SEED=7`. */
function seedOf(): number {
  return Number(process.env.LATTICE_SEED ?? 1);
}
