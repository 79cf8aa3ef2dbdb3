import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNodeId, toHex } from '@lattice/model';
import {
  contents,
  eventsOf,
  get,
  invite,
  join,
  membersFor,
  meshOf,
  meshOn,
  type Nodes,
  onlineFor,
  put,
  storeOn,
} from './support/nodes.js';

test('a revoked node is refused, stops receiving, and keeps what it has', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await put(mesh, 'a', 'before', '1');
  await put(mesh, 'r', 'by r', '1');
  await mesh.settle();
  const events = eventsOf(mesh, 'b');
  const report = await revoke(mesh, 'a', 'r');
  assert.deepEqual(report, { cutEntries: 0, synced: true });
  await mesh.advance(1_000);
  assert.deepEqual(onlineFor(mesh, 'a'), ['b']);
  assert.deepEqual(onlineFor(mesh, 'b'), ['a']);
  assert.deepEqual(onlineFor(mesh, 'r'), []);
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'r revoked']);
  assert(events.some(({ kind }) => kind === 'member-revoked'));

  await put(mesh, 'a', 'after', '1');
  await mesh.advance(120_000);
  assert.deepEqual(contents(mesh, 'r'), { before: '1', 'by r': '1' }, 'r has what it had, and nothing more');
  assert.deepEqual(contents(mesh, 'b'), { before: '1', 'by r': '1', after: '1' });
  await mesh.restart('r');
  await mesh.advance(120_000);
  assert.deepEqual(contents(mesh, 'r'), { before: '1', 'by r': '1' });
  assert.deepEqual(onlineFor(mesh, 'r'), []);
  await mesh.settle();
});

test('a node that knows that it was revoked refuses to write there, rather than lose what it is given', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await revoke(mesh, 'a', 'r');
  await mesh.advance(1_000);
  assert.deepEqual(membersFor(mesh, 'r'), ['a member', 'b member', 'r revoked'], 'it was told');
  const home = meshOn(mesh, 'r');
  await assert.rejects(put(mesh, 'r', 'key', 'value'), { code: 'not-a-member' });
  await assert.rejects(mesh.run(home.createStore({ name: 'notes' })), { code: 'not-a-member' });
  await assert.rejects(invite(mesh, 'r'), { code: 'not-a-member' });
  await assert.rejects(revoke(mesh, 'r', 'b'), { code: 'not-a-member' });
  const other = await mesh.run(mesh.node('r').createMesh({ name: 'another' }));
  await mesh.run(other.store('main').kv().put(Uint8Array.of(1), Uint8Array.of(1)));
});

test('a node that was revoked while away says so when those it meets do not take it for a member', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await mesh.stop('r');
  await revoke(mesh, 'a', 'r');
  const warnings = () => mesh.node('r').status().warnings.join('\n');
  await mesh.start('r');
  await mesh.advance(10_000);
  assert.equal(warnings(), '', 'they may not have heard of it yet');
  await mesh.advance(30_000);
  assert.match(
    warnings(),
    /^"a" and 1 more do not take this node for a member of the mesh "home": it was probably/,
  );
  for (const name of ['a', 'b']) assert.equal(mesh.node(name).status().warnings.join(), '');

  await mesh.advance(600_000);
  const { frames } = mesh.network.traffic(mesh.machine('r').nodeId, mesh.machine('a').nodeId);
  assert.ok(frames < 300, `it does not hurry back to who has nothing for it: ${frames} frames`);
});

test('a node that was revoked while away may write on, and nobody else ever sees it', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await put(mesh, 'r', 'before', '1');
  await mesh.settle();
  mesh.partition(['a', 'b'], ['r']);
  await revoke(mesh, 'a', 'r');
  await put(mesh, 'r', 'after', '1');
  await put(mesh, 'r', 'before', '2');
  await mesh.settle({ nodes: ['a', 'b'] });
  mesh.heal();
  await mesh.advance(300_000);
  for (const name of ['a', 'b']) assert.deepEqual(contents(mesh, name), { before: '1' });
  assert.deepEqual(contents(mesh, 'r'), { before: '2', after: '1' });
  assert.deepEqual(onlineFor(mesh, 'r'), []);
});

test('what was written beyond the cut-off disappears on those who had it, and what it replaced is back', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await put(mesh, 'b', 'of b', 'original');
  await put(mesh, 'r', 'of r', 'original');
  await mesh.settle();
  const entriesBefore = storeOn(mesh, 'a').status().entries;
  mesh.partition(['a'], ['b', 'r']);
  await put(mesh, 'r', 'of b', 'vandalised');
  await put(mesh, 'r', 'of r', 'changed');
  await put(mesh, 'r', 'new', 'from r');
  await mesh.settle({ nodes: ['b', 'r'] });
  await put(mesh, 'b', 'later', 'an honest write that follows a dishonest one');
  assert.equal(get(mesh, 'b', 'of b'), 'vandalised');

  await revoke(mesh, 'a', 'r');
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  const expected = {
    'of b': 'original',
    'of r': 'original',
    later: 'an honest write that follows a dishonest one',
  };
  for (const name of ['a', 'b']) {
    assert.deepEqual(contents(mesh, name), expected, name);
    assert.equal(storeOn(mesh, name).kv().heads(new TextEncoder().encode('of b')).length, 1);
  }
  // What the honest write has for ancestors stays in the history, it only counts no more.
  assert(storeOn(mesh, 'a').status().entries > entriesBefore);
});

test('a revoker that reaches nobody says so', async () => {
  await using mesh = await meshOf('a', ['r']);
  await put(mesh, 'r', 'key', '1');
  await mesh.settle();
  mesh.partition(['a'], ['r']);
  await mesh.advance(30_000);
  assert.deepEqual(await revoke(mesh, 'a', 'r'), { cutEntries: 0, synced: false });
});

test('a joiner after a revocation ends with the same as the others', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await put(mesh, 'r', 'kept', '1');
  await mesh.settle();
  mesh.partition(['a'], ['b', 'r']);
  await put(mesh, 'r', 'cut', '1');
  await mesh.settle({ nodes: ['b', 'r'] });
  await put(mesh, 'b', 'on top', '1');
  await revoke(mesh, 'a', 'r');
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });

  await mesh.start('c');
  await join(mesh, 'c', 'b');
  await mesh.settle({ nodes: ['a', 'b', 'c'] });
  assert.deepEqual(contents(mesh, 'c'), { kept: '1', 'on top': '1' });
  assert.deepEqual(membersFor(mesh, 'c'), ['a member', 'b member', 'c member', 'r revoked']);
  for (const name of ['a', 'b', 'c']) await mesh.restart(name);
  await mesh.settle({ nodes: ['a', 'b', 'c'] });
  assert.deepEqual(contents(mesh, 'c'), { kept: '1', 'on top': '1' });
});

test('of two who revoke each other while apart, the senior stays, everywhere', async () => {
  await using mesh = await meshOf('a', ['b', 'c', 'd']);
  mesh.partition(['b', 'c'], ['d', 'a']);
  // b was let in before d.
  await revoke(mesh, 'd', 'b');
  await revoke(mesh, 'b', 'd');
  await mesh.settle({ nodes: ['a'] });
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b', 'c'] });
  for (const name of ['a', 'b', 'c']) {
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'c member', 'd revoked'], name);
  }
  await put(mesh, 'b', 'key', 'of b');
  await mesh.settle({ nodes: ['a', 'b', 'c'], withinMs: 100 });
});

test('a senior who was revoked by a junior revokes it in turn, and prevails everywhere', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'a', 'key', 'before');
  await mesh.settle();
  await revoke(mesh, 'b', 'a');
  await mesh.advance(1_000);
  for (const name of ['a', 'b', 'c']) assert(membersFor(mesh, name).includes('a revoked'), name);

  await revoke(mesh, 'a', 'b');
  await mesh.until('c takes a for a member again', () => onlineFor(mesh, 'c').includes('a'), 120_000);
  await put(mesh, 'a', 'key', 'after');
  await mesh.settle({ nodes: ['a', 'c'] });
  for (const name of ['a', 'c']) {
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b revoked', 'c member']);
    assert.deepEqual(contents(mesh, name), { key: 'after' });
  }
});

test('of two members alone who revoke each other while apart, each goes its own way', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.partition(['a'], ['b']);
  await revoke(mesh, 'a', 'b');
  await revoke(mesh, 'b', 'a');
  mesh.heal();
  await mesh.advance(180_000);
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b revoked']);
  assert.deepEqual(onlineFor(mesh, 'a'), []);
});

test('two who revoke the same node, having seen different parts of it, cut at what both have seen', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  await put(mesh, 'r', 'early', '1');
  await mesh.settle();
  mesh.partition(['a'], ['b', 'r']);
  await put(mesh, 'r', 'late', '1');
  await mesh.settle({ nodes: ['b', 'r'] });
  mesh.partition(['b'], ['r']);
  await revoke(mesh, 'a', 'r');
  await revoke(mesh, 'b', 'r');
  assert.deepEqual(contents(mesh, 'b'), { early: '1', late: '1' });
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  for (const name of ['a', 'b']) assert.deepEqual(contents(mesh, name), { early: '1' }, name);
});

test('a revocation by a member who is revoked in the same moment by a senior is void where it was not seen', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.partition(['a'], ['b'], ['c']);
  await revoke(mesh, 'a', 'b');
  await revoke(mesh, 'b', 'c');
  await put(mesh, 'c', 'key', 'of c');
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'c'] });
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b revoked', 'c member']);
  assert.deepEqual(contents(mesh, 'a'), { key: 'of c' });
});

test('one who was let in by a member revoked meanwhile stays out, or in, alike for everybody', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.partition(['a', 'c'], ['b']);
  await mesh.start('late');
  mesh.partition(['a', 'c'], ['late']);
  await join(mesh, 'late', 'b');
  await put(mesh, 'late', 'key', 'of late');
  await revoke(mesh, 'a', 'b');
  mesh.heal();
  await mesh.advance(180_000);
  await mesh.settle({ nodes: ['a', 'c'] });
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b revoked', 'c member']);
  assert.deepEqual(membersFor(mesh, 'c'), membersFor(mesh, 'a'));
  assert.deepEqual(contents(mesh, 'c'), {});
});

test('nobody can revoke itself: leaving sees to it that nothing is lost', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.partition(['a'], ['b']);
  await put(mesh, 'b', 'key', 'nowhere else');
  await assert.rejects(revoke(mesh, 'b', 'b'), { code: 'self-revoked', message: /"mesh leave"/ });
  mesh.heal();
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'a'), { key: 'nowhere else' });
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
});

test('a revocation that is cancelled does not happen', async () => {
  await using mesh = await meshOf('a', ['r']);
  mesh.partition(['a'], ['r']);
  await mesh.advance(30_000);
  const abort = new AbortController();
  const revoking = meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId, { signal: abort.signal });
  const rejected = assert.rejects(revoking, { code: 'aborted' });
  await mesh.advance(100);
  abort.abort();
  await mesh.run(rejected, 10);
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'r member']);
});

test('revoking somebody who never was a member is refused', async () => {
  await using mesh = await meshOf('a', []);
  const nobody = parseNodeId(new Uint8Array(32).fill(1));
  await assert.rejects(mesh.run(meshOn(mesh, 'a').revoke(nobody)), { code: 'member-not-found' });
  assert.throws(() => meshOn(mesh, 'a').member(toHex(nobody)), { code: 'member-not-found' });
});

test('a revocation survives restarts and kills of everybody', async () => {
  await using mesh = await meshOf('a', ['b', 'r']);
  mesh.partition(['a'], ['b', 'r']);
  await put(mesh, 'r', 'cut', '1');
  await mesh.settle({ nodes: ['b', 'r'] });
  await revoke(mesh, 'a', 'r');
  mesh.heal();
  await mesh.settle({ nodes: ['a', 'b'] });
  for (const name of ['a', 'b', 'r']) await mesh.kill(name);
  for (const name of ['a', 'b', 'r']) await mesh.start(name);
  await mesh.advance(60_000);
  await mesh.settle({ nodes: ['a', 'b'] });
  for (const name of ['a', 'b']) {
    assert.deepEqual(contents(mesh, name), {});
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'r revoked']);
  }
});

function revoke(mesh: Nodes, by: string, node: string) {
  return mesh.run(meshOn(mesh, by).revoke(mesh.machine(node).nodeId));
}

test('a senior whom a junior has revoked revokes the junior, and is a member again', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await revoke(mesh, 'c', 'a');
  await mesh.advance(1_000);
  assert.deepEqual(membersFor(mesh, 'a'), ['a revoked', 'b member', 'c member']);
  await revoke(mesh, 'a', 'c');
  await mesh.advance(60_000);
  for (const name of ['a', 'b'])
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'c revoked']);
});
