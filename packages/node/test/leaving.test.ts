import assert from 'node:assert/strict';
import { test } from 'node:test';
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
  put,
  storeOn,
} from './support/nodes.js';

test('who leaves is gone from its own disk, and the others have all that it wrote', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'b', 'by b', '1');
  const events = eventsOf(mesh, 'a');
  assert.deepEqual(await leave(mesh, 'b'), { told: true });
  assertGone(mesh, 'b');
  await mesh.advance(1_000);
  for (const name of ['a', 'c']) {
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b left', 'c member']);
    assert.deepEqual(contents(mesh, name), { 'by b': '1' });
  }
  assert.deepEqual(
    events
      .filter(({ kind }) => kind.startsWith('member-'))
      .map((event) => [event.kind, 'name' in event && event.name]),
    [['member-left', 'b']],
  );
  await put(mesh, 'a', 'after', '1');
  await mesh.advance(60_000);
  await mesh.settle({ nodes: ['a', 'c'] });
  await mesh.restart('b');
  assertGone(mesh, 'b');
});

test('what was just written is synced before the last words', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.loss = (from) => from === 'b';
  const writes = Array.from({ length: 10 }, (_, i) => put(mesh, 'b', `key ${i}`, 'value'));
  mesh.loss = () => false;
  await mesh.run(Promise.all([...writes, leave(mesh, 'b')]));
  await mesh.advance(1_000);
  assert.equal(Object.keys(contents(mesh, 'a')).length, 10);
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b left']);
});

test('a node that is leaving takes no more writes, and one that does not leave after all does', async () => {
  await using mesh = await meshOf('a', ['b']);
  const kv = storeOn(mesh, 'b').kv();
  const abort = new AbortController();
  await put(mesh, 'b', 'key', 'before');
  mesh.partition(['a'], ['b']);
  const leaving = mesh.node('b').leaveMesh(meshOn(mesh, 'b'), { signal: abort.signal });
  const outcome = assert.rejects(leaving, { code: 'aborted' });
  await mesh.advance(100);
  await assert.rejects(mesh.run(kv.put(Uint8Array.of(1), Uint8Array.of(1))), { code: 'mesh-left' });
  abort.abort();
  await mesh.run(outcome);
  await put(mesh, 'b', 'key', 'after');
  mesh.heal();
  await mesh.settle();
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
});

test('the last member leaves only by force, and nothing is left', async () => {
  await using mesh = await meshOf('a', []);
  await put(mesh, 'a', 'key', 'value');
  await assert.rejects(leave(mesh, 'a'), { code: 'last-member', message: /all 1 entry.*--force/ });
  assert.equal(get(mesh, 'a', 'key'), 'value');
  await put(mesh, 'a', 'key', 'changed');
  assert.deepEqual(await leave(mesh, 'a', { force: true }), { told: false });
  assertGone(mesh, 'a');
  assert.deepEqual(mesh.node('a').selection(), {});
});

test('who reaches nobody and has written leaves only by force, and the others list it until it is revoked', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'b', 'synced', '1');
  await mesh.settle();
  mesh.partition(['a'], ['b']);
  await put(mesh, 'b', 'unsynced', '1');
  await assert.rejects(leave(mesh, 'b'), { code: 'unsynced-entries', message: /up to 2 entries in "main"/ });
  await put(mesh, 'b', 'still', 'a member');
  assert.deepEqual(await leave(mesh, 'b', { force: true }), { told: false });
  assertGone(mesh, 'b');
  mesh.heal();
  await mesh.advance(120_000);
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('b').nodeId));
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b revoked']);
  assert.deepEqual(contents(mesh, 'a'), { synced: '1' });
});

test('who only read loses nothing by leaving while nobody can be reached', async () => {
  await using mesh = await meshOf('a', ['b']);
  await put(mesh, 'a', 'key', 'value');
  await mesh.settle();
  mesh.partition(['a'], ['b']);
  assert.deepEqual(await leave(mesh, 'b'), { told: false });
  assertGone(mesh, 'b');
});

test('what somebody wrote who has left since counts as possibly lost', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.partition(['a'], ['b', 'c']);
  await put(mesh, 'c', 'by c', '1');
  assert.deepEqual(await leave(mesh, 'c'), { told: true });
  await assert.rejects(leave(mesh, 'b'), { code: 'unsynced-entries' });
  mesh.heal();
  assert.deepEqual(await leave(mesh, 'b'), { told: true });
  await mesh.advance(1_000);
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b left', 'c left']);
  assert.equal(get(mesh, 'a', 'by c'), '1');
});

test('what the others hold back or were not given is not taken for synced', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.skew('b', 2 * 60 * 60 * 1000);
  for (let i = 0; i < 5; i++) await put(mesh, 'b', `key ${i}`, 'from the future');
  await mesh.advance(1_000);
  await assert.rejects(leave(mesh, 'b'), {
    code: 'unsynced-entries',
    message: /up to 5 entries in "main": .* clock is not ahead/,
  });
  await put(mesh, 'b', 'still', 'a member');
  assert.deepEqual(await leave(mesh, 'b', { force: true }), { told: false });
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
});

test('who has revoked somebody takes the revocation along only by force', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.partition(['a', 'c'], ['b']);
  await mesh.run(meshOn(mesh, 'b').revoke(mesh.machine('c').nodeId));
  await assert.rejects(leave(mesh, 'b'), { code: 'unsynced-entries', message: /in the mesh itself:/ });
  mesh.heal();
  assert.deepEqual(await leave(mesh, 'b'), { told: true });
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b left', 'c revoked']);
});

test('leaving and revoking stop at once when they are cancelled in the middle of a sync, and by force do not wait for ever', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'b', 'key', 'value');
  await mesh.settle();
  const sinceMs = mesh.time.monotonicMs();
  mesh.stall('a');
  for (const begin of [
    (signal: AbortSignal) => mesh.node('b').leaveMesh(meshOn(mesh, 'b'), { signal }),
    (signal: AbortSignal) => meshOn(mesh, 'b').revoke(mesh.machine('c').nodeId, { signal }),
  ]) {
    const abort = new AbortController();
    const outcome = assert.rejects(begin(abort.signal), { code: 'aborted' });
    await mesh.advance(100);
    abort.abort();
    await mesh.run(outcome, 10);
  }
  await mesh.run(mesh.node('b').leaveMesh(meshOn(mesh, 'b'), { force: true }), 12_000);
  assert(mesh.time.monotonicMs() - sinceMs < 14_000);
});

test('who leaves a mesh that it never got into can still join it', async () => {
  await using mesh = await meshOf('a', []);
  const b = await mesh.start('b');
  const token = await invite(mesh, 'a');
  const joining = assert.rejects(b.joinMesh(token));
  await mesh.until('b has the mesh', () => b.meshes().length > 0);
  await mesh.stop('a');
  await mesh.run(joining);
  assert.deepEqual(membersFor(mesh, 'b'), ['a member']);
  assert.deepEqual(await leave(mesh, 'b'), { told: false });
  assertGone(mesh, 'b');
  await mesh.start('a');
  await mesh.run(b.joinMesh(token));
  await mesh.settle();
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
});

test('the creator leaves, and the mesh goes on without it', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  await put(mesh, 'a', 'by a', '1');
  assert.deepEqual(await leave(mesh, 'a'), { told: true });
  await mesh.settle({ nodes: ['b', 'c'] });
  await mesh.start('d');
  await join(mesh, 'd', 'b');
  await put(mesh, 'd', 'by d', '1');
  await mesh.settle({ nodes: ['b', 'c', 'd'] });
  for (const name of ['b', 'c', 'd']) {
    assert.deepEqual(membersFor(mesh, name), ['a left', 'b member', 'c member', 'd member'], name);
    assert.deepEqual(contents(mesh, name), { 'by a': '1', 'by d': '1' }, name);
  }
  await mesh.run(meshOn(mesh, 'b').revoke(mesh.machine('c').nodeId));
  await mesh.settle({ nodes: ['b', 'd'] });
  for (const name of ['b', 'd']) await mesh.restart(name);
  await mesh.settle({ nodes: ['b', 'd'] });
  assert.deepEqual(membersFor(mesh, 'd'), ['a left', 'b member', 'c revoked', 'd member']);
});

test('who has left cannot come back with the same identity, whether or not the others know', async () => {
  for (const knows of [true, false]) {
    await using mesh = await meshOf('a', ['b']);
    if (!knows) mesh.partition(['a'], ['b']);
    assert.deepEqual(await leave(mesh, 'b', { force: true }), { told: knows });
    mesh.heal();
    await assert.rejects(join(mesh, 'b', 'a'), { code: 'mesh-left', message: /another data directory/ });
    await mesh.restart('b');
    await assert.rejects(join(mesh, 'b', 'a'), { code: 'mesh-left' });
    assertGone(mesh, 'b');
  }
});

test('where only the others know that a node has left, they refuse it and say why', async () => {
  await using mesh = await meshOf('a', ['b']);
  await leave(mesh, 'b');
  await mesh.stop('b');
  // Hints may get lost.
  mesh.machine('b').disk.meta.tables.clear();
  await mesh.start('b');
  await assert.rejects(join(mesh, 'b', 'a'), { code: 'invite-refused', message: /has left the mesh.*final/ });
});

test('leaving one mesh leaves the others alone', async () => {
  await using mesh = await meshOf('a', ['b']);
  const home = meshOn(mesh, 'b');
  const work = await mesh.run(mesh.node('b').createMesh({ name: 'work' }));
  const token = await mesh.run(work.createInvite());
  await mesh.run(mesh.node('a').joinMesh(token.token));
  await mesh.settle();
  mesh.node('b').select(home);
  await mesh.run(mesh.node('b').leaveMesh(home));
  assert.deepEqual(mesh.node('b').meshes(), [work]);
  assert.equal(mesh.node('b').selection().mesh, work);
  await mesh.run(work.store('main').kv().put(Uint8Array.of(1), Uint8Array.of(1)));
  await mesh.advance(1_000);
  const there = mesh.node('a').mesh('work').store('main').kv();
  assert.deepEqual(there.get(Uint8Array.of(1))?.value, Uint8Array.of(1));
  await assert.rejects(mesh.run(mesh.node('b').leaveMesh(home)), { code: 'mesh-not-found' });
  await assert.rejects(mesh.run(home.createStore()), { code: 'not-a-member' });
  assert.throws(() => home.store('main').kv().get(Uint8Array.of(1)), { code: 'store-closed' });
});

test('who was revoked can leave, which frees the disk', async () => {
  await using mesh = await meshOf('a', ['r']);
  await put(mesh, 'r', 'key', 'value');
  await mesh.settle();
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('r').nodeId));
  await mesh.advance(1_000);
  assert.deepEqual(await leave(mesh, 'r'), { told: true });
  assertGone(mesh, 'r');
  await mesh.settle({ nodes: ['a'] });
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'r revoked']);
});

test('what was set aside goes with the mesh', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.run(meshOn(mesh, 'a').createStore({ name: 'notes' }));
  await put(mesh, 'a', 'key', 'value', 'notes');
  await mesh.settle();
  await mesh.run(storeOn(mesh, 'a', 'notes').delete());
  await mesh.settle();
  assert.equal(mesh.node('b').status().warnings.length, 1);
  await leave(mesh, 'b');
  assertGone(mesh, 'b');
});

test('who is cut off while it leaves has left after the next start, or is a member', async () => {
  const outcomes = new Set<string>();
  for (let step = 1; step <= 4; step++) {
    await using mesh = await meshOf('a', ['b']);
    await put(mesh, 'b', 'key', 'value');
    await mesh.settle();
    mesh.machine('b').killAtStep(step);
    void mesh
      .node('b')
      .leaveMesh(meshOn(mesh, 'b'))
      .catch(() => undefined);
    await mesh.advance(20_000);
    if (mesh.running.includes('b')) await mesh.kill('b');
    await mesh.start('b');
    await mesh.advance(1_000);
    const isMember = mesh.node('b').meshes().length > 0;
    outcomes.add(`${step} ${isMember}`);
    if (!isMember) {
      assertGone(mesh, 'b');
      await assert.rejects(join(mesh, 'b', 'a'), { code: 'mesh-left' });
      continue;
    }
    await mesh.settle();
    assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
    assert.deepEqual(await leave(mesh, 'b'), { told: true });
  }
  assert(outcomes.has('1 true') && outcomes.has('2 false'), [...outcomes].join());
});

test('who closes a node while it leaves has left, or is a member', async () => {
  for (let afterMs = 0; afterMs < 24; afterMs += 2) {
    await using mesh = await meshOf('a', ['b']);
    const outcome = mesh
      .node('b')
      .leaveMesh(meshOn(mesh, 'b'))
      .then(
        () => 'left',
        (error: unknown) => (error as { code?: string }).code,
      );
    await mesh.advance(afterMs);
    await mesh.stop('b');
    const code = await mesh.run(outcome);
    await mesh.start('b');
    await mesh.advance(1_000);
    if (code === 'left') assertGone(mesh, 'b');
    else {
      assert.equal(code, 'node-closed', `after ${afterMs} ms`);
      await mesh.settle();
    }
  }
});

test('who is asked to admit somebody while it leaves does not, and the joiner finds another', async () => {
  for (let afterMs = 0; afterMs < 16; afterMs += 2) {
    await using mesh = await meshOf('a', ['b']);
    const token = await invite(mesh, 'b');
    const c = await mesh.start('c');
    const joining = mesh.run(c.joinMesh(token));
    await mesh.advance(afterMs);
    await leave(mesh, 'b', { force: true });
    await joining;
    await mesh.settle({ nodes: ['a', 'c'] });
    assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b left', 'c member'], `after ${afterMs} ms`);
  }
});

function leave(mesh: Nodes, name: string, options: { readonly force?: boolean } = {}) {
  return mesh.run(mesh.node(name).leaveMesh(meshOn(mesh, name), options));
}

/** That a node is in no mesh, and nothing but its identity and its hints are on its disk. */
function assertGone(mesh: Nodes, name: string): void {
  assert.deepEqual(mesh.node(name).meshes(), []);
  assert.deepEqual([...mesh.machine(name).disk.stores.keys()], []);
  assert.deepEqual(mesh.node(name).status().warnings, []);
}
