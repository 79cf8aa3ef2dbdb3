import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { contents, get, join, meshOf, meshOn, type Nodes, nodes, put, storeOn } from './support/nodes.js';

const hourMs = 3_600_000;

test('what a node writes whose clock is two hours ahead is held by the others until its time, and harms nobody', async () => {
  await using mesh = await meshOf('a', ['b', 'ahead']);
  mesh.skew('ahead', 2 * hourMs);
  await put(mesh, 'ahead', 'key', 'from the future');
  await put(mesh, 'a', 'key', 'from now');
  await mesh.advance(1_000);
  for (const name of ['a', 'b']) {
    assert.deepEqual(contents(mesh, name), { key: 'from now' });
    const { held, heldAuthors, warnings } = storeOn(mesh, name).status();
    assert.equal(held, 1);
    const [author] = heldAuthors;
    assert.deepEqual([author?.author, author?.entries], [mesh.node('ahead').id, 1]);
    assert((author?.aheadMs ?? 0) > 2 * hourMs - 2_000);
    assert.match(
      warnings.join(),
      /1 entry by "ahead" is dated .*by up to 1 h: the clock of "ahead" is probably ahead/,
    );
    assert.match(mesh.node(name).status().warnings.join(), /dated in the future/);
  }
  assert.deepEqual(contents(mesh, 'ahead').key?.length, 2, 'the one who is ahead sees both');
  assert.deepEqual(storeOn(mesh, 'a').status().digest, storeOn(mesh, 'b').status().digest);

  await put(mesh, 'b', 'other', 'of b');
  await mesh.settle({ nodes: ['a', 'b'], withinMs: 100 });
  assert.equal(get(mesh, 'ahead', 'other'), 'of b');

  passes(mesh, 2 * hourMs - 10 * 60_000);
  await mesh.advance(60_000);
  assert.equal(storeOn(mesh, 'a').status().held, 1);
  await mesh.settle({ withinMs: 6 * 60_000 });
  for (const name of ['a', 'b', 'ahead']) {
    assert.deepEqual(contents(mesh, name), { key: ['from the future', 'from now'], other: 'of b' });
    assert.deepEqual([storeOn(mesh, name).status().held, storeOn(mesh, name).status().warnings], [0, []]);
  }
});

test('what is held is there in its time also on a node that was restarted, or joined, meanwhile', async () => {
  await using mesh = await meshOf('a', ['b', 'ahead']);
  mesh.skew('ahead', hourMs);
  await put(mesh, 'ahead', 'key', 'from the future');
  await mesh.advance(1_000);
  await mesh.restart('a');
  await mesh.start('c');
  await join(mesh, 'c', 'b');
  await mesh.settle({ nodes: ['a', 'b', 'c'] });
  assert.deepEqual(contents(mesh, 'a'), {});
  passes(mesh, hourMs - 5 * 60_000);
  await mesh.settle({ withinMs: 120_000 });
  assert.deepEqual(contents(mesh, 'c'), { key: 'from the future' });
});

test('a node that is a little ahead, or behind, is like any other', async () => {
  await using mesh = await meshOf('a', ['b', 'c']);
  mesh.skew('b', 2 * 60_000);
  mesh.skew('c', -2 * 60_000);
  for (const name of ['b', 'c', 'a', 'c', 'b']) {
    await put(mesh, name, 'key', `by ${name}`);
    const tookMs = await mesh.settle();
    assert(tookMs <= 100, `${tookMs} ms`);
    assert.deepEqual(contents(mesh, 'a'), { key: `by ${name}` }, 'whoever wrote last has the last word');
  }
});

test('a store made by a node whose clock is ahead appears in its time', async () => {
  await using mesh = await meshOf('a', ['ahead']);
  mesh.skew('ahead', hourMs);
  await mesh.run(meshOn(mesh, 'ahead').createStore({ name: 'notes' }));
  await put(mesh, 'ahead', 'key', 'value', 'notes');
  await mesh.advance(60_000);
  assert.throws(() => meshOn(mesh, 'a').store('notes'), { code: 'store-not-found' });
  passes(mesh, hourMs);
  await mesh.settle();
  assert.equal(get(mesh, 'a', 'key', 'notes'), 'value');
});

test('a node whose clock went back to 1970 keeps up, and what it writes is after what it has seen', async () => {
  await using mesh = await meshOf('a', ['board']);
  await put(mesh, 'a', 'key', 'first');
  await mesh.settle();
  await mesh.stop('board');
  mesh.skew('board', -mesh.time.nowMs());
  await mesh.start('board');
  await put(mesh, 'board', 'key', 'by the board');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'a'), { key: 'by the board' }, 'no conflict: the board had seen the first');
  await put(mesh, 'a', 'key', 'by a again');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'board'), { key: 'by a again' });
  assert.equal(storeOn(mesh, 'board').status().held, 0);
  assert.match(mesh.node('board').status().warnings.join(), /clock of this machine was never set/);
});

test('a node whose clock says 1970 from the start can join', async () => {
  await using mesh = nodes();
  const a = await mesh.start('a');
  await mesh.run(a.createMesh({ name: 'home' }));
  await put(mesh, 'a', 'key', 'first');
  mesh.skew('board', -mesh.time.nowMs());
  await mesh.start('board');
  await join(mesh, 'board', 'a');
  await put(mesh, 'board', 'key', 'by the board');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'a'), { key: 'by the board' });
});

test('a node whose clock is an hour behind holds what others write until it gets there, and says so', async () => {
  await using mesh = await meshOf('a', ['b', 'behind']);
  await put(mesh, 'a', 'key', 'seen by all');
  await mesh.settle();
  mesh.skew('behind', -hourMs);
  await put(mesh, 'behind', 'key', 'by the one who is behind');
  await mesh.settle({ withinMs: 100 });
  assert.deepEqual(contents(mesh, 'a'), contents(mesh, 'behind'));

  passes(mesh, 10 * 60_000);
  for (const name of ['a', 'b']) {
    await put(mesh, name, 'other', `of ${name}`);
    await mesh.settle({ nodes: ['a', 'b'] });
  }
  assert.equal(get(mesh, 'behind', 'other'), undefined);
  assert.match(
    mesh.node('behind').status().warnings.join(),
    /by "a", "b" are .*this machine's clock is probably behind/,
  );
  passes(mesh, hourMs);
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'behind').other, 'of b');
});

test('a node whose clock was set back while it was away writes after what it has seen, and says so', async () => {
  await using mesh = await meshOf('a', ['slipped']);
  passes(mesh, 48 * hourMs);
  await put(mesh, 'a', 'key', 'first');
  await mesh.settle();
  await mesh.stop('slipped');
  mesh.skew('slipped', -hourMs);
  await mesh.start('slipped');
  await put(mesh, 'slipped', 'key', 'second');
  assert.equal(get(mesh, 'slipped', 'key'), 'second');
  await mesh.settle();
  assert.deepEqual(contents(mesh, 'a'), { key: 'second' }, 'no conflict: it had seen the first');
  await mesh.run(meshOn(mesh, 'slipped').createStore({ name: 'notes' }));
  await put(mesh, 'a', 'key', 'third');
  await mesh.settle();
  assert.equal(get(mesh, 'slipped', 'key'), 'third');
  assert.match(
    mesh.node('slipped').status().warnings.join(),
    /clock of this machine is at least 54 min behind/,
  );
  await mesh.restart('slipped');
  await mesh.settle();
  assert.deepEqual(storeOn(mesh, 'slipped').status().held, 0);
});

test('a node whose clock is set to before it was let in, by more than a slip, writes nothing that would count nowhere', async () => {
  await using mesh = await letInLate();
  for (const how of ['runs on', 'is restarted'] as const) {
    mesh.skew('behind', -3 * 24 * hourMs);
    if (how === 'is restarted') await mesh.restart('behind');
    const refused = { code: 'clock-behind' };
    await assert.rejects(put(mesh, 'behind', 'key', how), refused);
    await assert.rejects(mesh.run(meshOn(mesh, 'behind').createStore({ name: 'notes' })), refused);
    await assert.rejects(mesh.run(meshOn(mesh, 'behind').createInvite()), refused);
    await assert.rejects(mesh.run(mesh.node('behind').leaveMesh(meshOn(mesh, 'behind'))), refused);
    mesh.skew('behind', 0);
    await put(mesh, 'behind', 'key', how);
    await mesh.settle();
    assert.equal(get(mesh, 'a', 'key'), how);
  }
});

test('a node whose clock is set to before it was let in leaves by force all the same, and says that nobody was told', async () => {
  await using mesh = await letInLate();
  mesh.skew('behind', -3 * 24 * hourMs);
  const left = mesh.node('behind').leaveMesh(meshOn(mesh, 'behind'), { force: true });
  assert.deepEqual(await mesh.run(left, 12_000), { told: false });
  assert.deepEqual(mesh.node('behind').meshes(), []);
});

test('a node whose clock is set back to before it was let in, as a store is made, makes none', async () => {
  await using mesh = await letInLate();
  const making = assert.rejects(meshOn(mesh, 'behind').createStore({ name: 'notes' }), {
    code: 'clock-behind',
  });
  mesh.skew('behind', -3 * 24 * hourMs);
  await mesh.run(making);
  mesh.skew('behind', 0);
  await mesh.run(meshOn(mesh, 'behind').createStore({ name: 'notes' }));
  await mesh.settle();
  assert.equal(meshOn(mesh, 'a').stores().length, 2);
});

test('what is written as the clock is set back to before its writer was let in, and gone by, is refused', async () => {
  await using mesh = await letInLate();
  await mesh.settle();
  const writing = storeOn(mesh, 'behind').kv().put(utf8('key'), utf8('value'));
  const refused = assert.rejects(writing, { code: 'clock-behind' });
  mesh.skew('behind', -3 * 24 * hourMs);
  const repairing = mesh.node('behind').repairClock();
  await mesh.run(refused);
  await mesh.run(repairing);
  assert.equal(storeOn(mesh, 'behind').status().entries, 0);
});

test('a node whose clock is right again writes behind its admission, also where whoever let it in was ahead', async () => {
  await using mesh = await letInLate(hourMs / 20);
  mesh.skew('behind', -3 * 24 * hourMs);
  await mesh.restart('behind');
  mesh.skew('behind', 0);
  await put(mesh, 'behind', 'key', 'value');
  assert.equal(get(mesh, 'behind', 'key'), 'value');
});

test('a node whose clock is set back while it runs goes on from what others wrote, and what it makes counts', async () => {
  await using mesh = await meshOf('a', ['slipped']);
  passes(mesh, 48 * hourMs);
  await put(mesh, 'a', 'key', 'first');
  await mesh.settle();
  mesh.skew('slipped', -hourMs);
  await mesh.run(meshOn(mesh, 'slipped').createStore({ name: 'notes' }));
  await put(mesh, 'slipped', 'key', 'value', 'notes');
  await mesh.settle();
  assert.equal(get(mesh, 'a', 'key', 'notes'), 'value');
  assert.match(
    mesh.node('slipped').status().warnings.join(),
    /clock of this machine is at least 5\d min behind/,
  );
  mesh.skew('slipped', 0);
  await put(mesh, 'a', 'key', 'later', 'notes');
  await mesh.settle();
  assert.equal(get(mesh, 'slipped', 'key', 'notes'), 'later');
  assert.doesNotMatch(mesh.node('slipped').status().warnings.join(), /clock of this machine/);
});

test('a node whose clock goes back to 1970 while it runs goes on from what others wrote', async () => {
  await using mesh = await meshOf('a', ['board']);
  mesh.skew('board', -mesh.time.nowMs());
  await mesh.run(meshOn(mesh, 'board').createStore({ name: 'notes' }));
  await put(mesh, 'board', 'key', 'value', 'notes');
  await mesh.settle();
  assert.equal(get(mesh, 'a', 'key', 'notes'), 'value');
});

test('a clock that was ahead and is put right is gone by at once', async () => {
  await using mesh = await meshOf('a', ['ahead']);
  mesh.skew('ahead', 2 * hourMs);
  await put(mesh, 'a', 'key', 'of a');
  await mesh.settle();
  mesh.skew('ahead', 0);
  await put(mesh, 'ahead', 'key', 'by one who is right again');
  await mesh.settle({ withinMs: 100 });
  assert.equal(get(mesh, 'a', 'key'), 'by one who is right again');
});

test('an invite lasts by the clocks of the mesh, whatever the joiner’s says', async () => {
  await using mesh = await meshOf('a', []);
  const { token } = await mesh.run(meshOn(mesh, 'a').createInvite({ expiresInMs: 2 * hourMs }));
  await mesh.start('b');
  mesh.skew('b', hourMs);
  await mesh.run(mesh.node('b').joinMesh(token));
  await mesh.settle();
});

/** A mesh in which `behind` was let in days after it was made, by one whose clock was ahead by that much. */
async function letInLate(aheadMs = 0): Promise<Nodes> {
  const mesh = await meshOf('a', []);
  passes(mesh, 5 * 24 * hourMs);
  await mesh.start('behind');
  mesh.skew('a', aheadMs);
  await join(mesh, 'behind', 'a');
  return mesh;
}

/** Time goes by for all wall clocks, and for nothing else. */
function passes(mesh: Nodes, ms: number): void {
  mesh.time.setNowMs(mesh.time.nowMs() + ms);
}
