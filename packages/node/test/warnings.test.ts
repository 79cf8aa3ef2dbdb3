import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError } from '@lattice/model';
import { openNode } from '@lattice/node';
import { backUp, restore } from '@lattice/testkit';
import { meshOf, meshOn, nodes, type Nodes, put } from './support/nodes.js';

const hourMs = 3_600_000;
const warningsOf = (mesh: Nodes, name: string) => mesh.node(name).status().warnings.join('\n');

test('of two members whose clocks differ, each says by how much, and leaves open which is wrong', async () => {
  await using mesh = nodes();
  mesh.skew('ahead', 2 * hourMs + 1_000);
  const a = await mesh.start('a');
  await mesh.run(a.createMesh());
  await mesh.start('ahead');
  await mesh.run(mesh.node('ahead').joinMesh((await mesh.run(meshOn(mesh, 'a').createInvite())).token));
  await mesh.advance(1_000);
  assert.match(warningsOf(mesh, 'a'), /^The clock of "ahead" is 2 h ahead of this machine's: .* set it\.$/m);
  assert.match(warningsOf(mesh, 'ahead'), /^The clock of "a" is 2 h behind this machine's: .* set it\.$/m);
  const ahead = meshOn(mesh, 'a')
    .peers()
    .find(({ self }) => !self)?.clockAheadMs;
  assert(ahead !== undefined && Math.abs(ahead - 2 * hourMs - 1_000) < 100, String(ahead));
});

test('a node whose clock is off from those of most others says that it is its own', async () => {
  await using mesh = await meshOf('a', ['b', 'c', 'ahead']);
  mesh.skew('ahead', 2 * hourMs + 60_000);
  await mesh.restart('ahead');
  await mesh.advance(2_000);
  assert.match(
    warningsOf(mesh, 'ahead'),
    /^This machine's clock seems to be 2 h ahead of that of 3 members: set it\.$/m,
  );
  assert.match(warningsOf(mesh, 'a'), /^The clock of "ahead" is 2 h ahead of this machine's/m);
  assert.doesNotMatch(warningsOf(mesh, 'a'), /This machine's clock/);
});

test('clocks that differ by seconds are nobody’s business', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.skew('b', 30_000);
  await mesh.restart('b');
  await mesh.advance(2_000);
  for (const name of ['a', 'b']) assert.equal(warningsOf(mesh, name), '');
});

test('a machine whose clock is set while connected is judged by what it says now', async () => {
  await using mesh = await meshOf('a', ['b']);
  assert.equal(warningsOf(mesh, 'a'), '');
  mesh.skew('a', hourMs + 1_000);
  assert.match(warningsOf(mesh, 'a'), /The clock of "b" is 1 h behind this/);
  mesh.skew('a', 0);
  assert.equal(warningsOf(mesh, 'a'), '');
});

test('a network that cannot be started is no secret, until it can', async () => {
  let isTaken = true;
  await using mesh = nodes({
    open: async (ports) => {
      const taken = () => Promise.reject(new LatticeError('port-in-use', 'Port 4242 is in use.'));
      const openTransport = (seed: Uint8Array) => (isTaken ? taken() : ports.openTransport(seed));
      return openNode({ ...ports, version: 'test', openTransport });
    },
  });
  const a = await mesh.start('a');
  await mesh.run(a.createMesh());
  assert.equal(warningsOf(mesh, 'a'), '');
  await assert.rejects(mesh.run(a.startNetwork()), { code: 'port-in-use' });
  assert.equal(warningsOf(mesh, 'a'), 'The network could not be started. Port 4242 is in use.');
  assert.equal(meshOn(mesh, 'a').peers()[0]?.online, false);
  isTaken = false;
  await mesh.run(a.startNetwork());
  assert.equal(warningsOf(mesh, 'a'), '');
  assert.equal(meshOn(mesh, 'a').peers()[0]?.online, true);
});

test('a node that was copied or restored, and forked, is told what that means', async () => {
  await using mesh = await meshOf('a', ['b']);
  const disk = mesh.machine('b').disk;
  const backup = backUp(disk);
  await put(mesh, 'b', 'key', 'first life');
  await mesh.settle();
  await mesh.stop('b');
  restore(disk, backup);
  mesh.partition(['a'], ['b']);
  await mesh.start('b');
  await put(mesh, 'b', 'key', 'second life');
  assert.equal(warningsOf(mesh, 'b'), '');
  mesh.heal();
  await mesh.settle();
  assert.match(warningsOf(mesh, 'b'), /^This node has 2 histories in the store "main": .*`node rotate`/m);
  assert.equal(warningsOf(mesh, 'a'), '', 'it is the other one’s to mend');
});
