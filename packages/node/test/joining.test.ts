import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseStoreId } from '@lattice/model';
import { encodeToken, parseToken } from '@lattice/meshstore';
import {
  contents,
  get,
  invite,
  join,
  membersFor,
  meshOf,
  meshOn,
  type Nodes,
  onlineFor,
  put,
} from './support/nodes.js';

test('with the inviter gone, the third joins through the second', async () => {
  await using mesh = await meshOf('a', ['b']);
  const token = await invite(mesh, 'a');
  await put(mesh, 'a', 'key', 'value');
  await mesh.settle();
  await mesh.stop('a');

  const c = await mesh.start('c');
  await mesh.run(c.joinMesh(token));
  assert.equal(get(mesh, 'c', 'key'), 'value');
  await put(mesh, 'c', 'from c', '1');
  await mesh.settle({ withinMs: 100 });
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'c member']);

  await mesh.start('a');
  await mesh.settle();
  assert.equal(get(mesh, 'a', 'from c'), '1');
  await mesh.until('all are together', () => onlineFor(mesh, 'a').length === 2, 10_000);
});

test('whoever joins can invite the next one', async () => {
  await using mesh = await meshOf('a', []);
  for (const [inviter, joiner] of [
    ['a', 'b'],
    ['b', 'c'],
    ['c', 'd'],
  ] as const) {
    await mesh.start(joiner);
    await join(mesh, joiner, inviter);
  }
  await mesh.settle();
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member', 'c member', 'd member']);
});

test('a joiner whose admitter dies at once proves its admission to the others and is let in', async () => {
  await using mesh = await meshOf('a', ['b']);
  const token = await invite(mesh, 'a');
  await mesh.settle();
  mesh.partition(['a'], ['b']);
  const c = await mesh.start('c');
  await mesh.run(c.joinMesh(token));
  await mesh.kill('a');
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member'], 'b has not heard of it');

  await mesh.until('c is in', () => onlineFor(mesh, 'b').includes('c'), 10_000);
  await put(mesh, 'c', 'key', 'from c');
  await mesh.settle({ withinMs: 100 });
  assert.equal(get(mesh, 'b', 'key'), 'from c');
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'c member']);
});

test('a chain of admissions that a member missed is proved to it at one go', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.partition(['b'], ['a']);
  for (const [inviter, joiner] of [
    ['a', 'c'],
    ['c', 'd'],
  ] as const) {
    await mesh.start(joiner);
    mesh.partition(['b'], [joiner]);
    await join(mesh, joiner, inviter);
  }
  for (const name of ['a', 'c']) await mesh.kill(name);
  mesh.heal();
  await mesh.restart('d');
  await mesh.until('d is in', () => onlineFor(mesh, 'b').includes('d'), 90_000);
  await mesh.settle();
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'c member', 'd member']);
});

test('a token that is none, is cut short, was altered or is of another version is refused before anything is dialled', async () => {
  await using mesh = await meshOf('a', []);
  const token = await invite(mesh, 'a');
  const b = await mesh.start('b');
  const altered = `${token.slice(0, 40)}${token[40] === 'a' ? 'b' : 'a'}${token.slice(41)}`;
  for (const [text, code] of [
    ['', 'token-invalid'],
    ['hello', 'token-invalid'],
    [token.slice(0, -10), 'token-truncated'],
    [altered, 'token-altered'],
    [token.replace('lattice1', 'lattice2'), 'token-version'],
  ] as const) {
    await assert.rejects(b.joinMesh(text), { code }, text);
  }
  assert.deepEqual(b.meshes(), []);
  await mesh.run(b.joinMesh(` ${token.slice(0, 30)}\n  ${token.slice(30).toUpperCase()}\n`));
});

test('an expired token is refused, by the joiner’s clock and by the member’s', async () => {
  await using mesh = await meshOf('a', []);
  const { token } = await mesh.run(meshOn(mesh, 'a').createInvite({ expiresInMs: 60_000 }));
  const b = await mesh.start('b');
  await mesh.advance(61_000);
  await assert.rejects(mesh.run(b.joinMesh(token)), { code: 'token-expired' });
  mesh.skew('b', -3_600_000);
  await assert.rejects(mesh.run(b.joinMesh(token)), { code: 'invite-refused', message: /expired/ });
  assert.deepEqual([b.meshes(), membersFor(mesh, 'a')], [[], ['a member']]);
});

test('a token lets one node in, and refuses the second', async () => {
  await using mesh = await meshOf('a', []);
  const token = await invite(mesh, 'a');
  const [b, c] = [await mesh.start('b'), await mesh.start('c')];
  const outcomes = await mesh.run(Promise.allSettled([b.joinMesh(token), c.joinMesh(token)]));
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  const refused = outcomes.find((outcome) => outcome.status === 'rejected');
  assert.deepEqual([refused?.reason.code, /used/.test(refused?.reason.message)], ['invite-refused', true]);
  assert.equal(membersFor(mesh, 'a').length, 2);
});

test('a token used in both halves of a partition lets both in, and all come to see both', async () => {
  await using mesh = await meshOf('a', ['b']);
  const token = await invite(mesh, 'a');
  await mesh.settle();
  const [c, d] = [await mesh.start('c'), await mesh.start('d')];
  mesh.partition(['a', 'c'], ['b', 'd']);
  await mesh.run(Promise.all([c.joinMesh(token), d.joinMesh(token)]));
  await put(mesh, 'c', 'c', '1');
  await put(mesh, 'd', 'd', '1');
  mesh.heal();
  await mesh.settle();
  for (const name of mesh.running) {
    assert.deepEqual(membersFor(mesh, name), ['a member', 'b member', 'c member', 'd member'], name);
    assert.deepEqual(contents(mesh, name), { c: '1', d: '1' });
  }
});

test('a token for a mesh that the member does not know is refused, and no word is lost on why', async () => {
  await using mesh = await meshOf('a', []);
  const token = parseToken(await invite(mesh, 'a'));
  const b = await mesh.start('b');
  const elsewhere = encodeToken({ ...token, mesh: parseStoreId(new Uint8Array(32).fill(9)) });
  const madeUp = encodeToken({ ...token, secret: new Uint8Array(32).fill(9) });
  for (const text of [elsewhere, madeUp]) {
    await assert.rejects(mesh.run(b.joinMesh(text)), {
      code: 'invite-refused',
      message: /does not know this invite/,
    });
  }
  assert.deepEqual(b.meshes(), []);
});

test('where one member does not know the invite yet, the next one is asked', async () => {
  await using mesh = await meshOf('a', ['b']);
  mesh.partition(['a'], ['b']);
  const token = parseToken(await invite(mesh, 'a'));
  const [first, second] = token.members;
  assert(first && second);
  const c = await mesh.start('c');
  await mesh.run(c.joinMesh(encodeToken({ ...token, members: [second, first] })));
  mesh.heal();
  await mesh.settle();
});

test('with no member to be reached, joining fails in good time, and the token is good for another attempt', async () => {
  await using mesh = await meshOf('a', ['b']);
  const token = await invite(mesh, 'a');
  await mesh.settle();
  await mesh.stop('a');
  await mesh.stop('b');
  const c = await mesh.start('c');
  const beganMs = mesh.time.monotonicMs();
  await assert.rejects(mesh.run(c.joinMesh(token)), { code: 'no-member-reachable' });
  assert(mesh.time.monotonicMs() - beganMs <= 20_000, 'ten seconds for each member');
  assert.deepEqual(c.meshes(), []);
  await mesh.start('b');
  await mesh.run(c.joinMesh(token));
});

test('a member that takes the call and says nothing more does not hold the joiner up for long', async () => {
  await using mesh = await meshOf('a', ['b']);
  const token = await invite(mesh, 'a');
  await mesh.settle();
  mesh.stall('a');
  const c = await mesh.start('c');
  await mesh.run(c.joinMesh(token), 20_000);
  assert.deepEqual(membersFor(mesh, 'c'), ['a member', 'b member', 'c member']);
});

test('a join that is cancelled ends at once, and the token is good for another attempt', async () => {
  await using mesh = await meshOf('a', []);
  const token = await invite(mesh, 'a');
  const b = await mesh.start('b');
  await assert.rejects(b.joinMesh(token, { signal: AbortSignal.abort() }), { code: 'aborted' });
  mesh.stall('a');
  for (const afterMs of [1, 100]) {
    const abort = new AbortController();
    const joining = assert.rejects(b.joinMesh(token, { signal: abort.signal }), { code: 'aborted' });
    await mesh.advance(afterMs);
    abort.abort();
    await mesh.run(joining, 10);
  }
  mesh.resume('a');
  await mesh.run(b.joinMesh(token));
});

test('joining twice with the same token, one after the other or at once, is one join', async () => {
  await using mesh = await meshOf('a', []);
  const token = await invite(mesh, 'a');
  const b = await mesh.start('b');
  const joined = await mesh.run(Promise.all([b.joinMesh(token), b.joinMesh(token)]));
  joined.push(await mesh.run(b.joinMesh(token)));
  assert.equal(new Set(joined).size, 1);
  assert.deepEqual(b.meshes(), [joined[0]]);
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
  await mesh.settle();
});

test('a member may join again with another token: it stays the one member that it is', async () => {
  await using mesh = await meshOf('a', ['b']);
  const again = await join(mesh, 'b', 'a');
  assert.equal(again, meshOn(mesh, 'b'));
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b member']);
});

test('a node that was revoked is not let in again, with a new token either', async () => {
  await using mesh = await meshOf('a', ['b']);
  await mesh.run(meshOn(mesh, 'a').revoke(mesh.machine('b').nodeId));
  await mesh.advance(100);
  const token = await invite(mesh, 'a');
  await assert.rejects(mesh.run(mesh.node('b').joinMesh(token)), {
    code: 'invite-refused',
    message: /removed/,
  });
  await mesh.restart('b');
  await assert.rejects(mesh.run(mesh.node('b').joinMesh(token)), { code: 'invite-refused' });
  const c = await mesh.start('c');
  await mesh.run(c.joinMesh(token));
  assert.deepEqual(membersFor(mesh, 'a'), ['a member', 'b revoked', 'c member']);
});

test('a joiner is called what it asks for, or nothing where that is no name', async () => {
  await using mesh = await meshOf('a', []);
  const [b, c] = [await mesh.start('b'), await mesh.start('c')];
  await mesh.run(b.joinMesh(await invite(mesh, 'a'), { name: 'bob' }));
  await mesh.run(c.joinMesh(await invite(mesh, 'a'), { name: 'two\nlines' }));
  const names = meshOn(mesh, 'a')
    .peers()
    .map(({ name }) => name);
  assert.deepEqual(names, ['a', 'bob', '']);
});

test('a joiner that is killed, at any moment, joins with the same token after all', async () => {
  let isJoined = false;
  for (let atMs = 1; !isJoined; atMs += 2) {
    await using mesh = await meshOf('a', ['b']);
    await put(mesh, 'a', 'key', 'value');
    const token = await invite(mesh, 'a');
    isJoined = await joinKilled(mesh, token, async () => {
      await mesh.advance(atMs);
      await mesh.kill('c');
    });
    assert(atMs < 100, 'a join takes a few round trips');
  }
});

test('a joiner that is killed at any step on its disk joins with the same token after all', async () => {
  let isJoined = false;
  for (let step = 1; !isJoined; step++) {
    await using mesh = await meshOf('a', ['b']);
    await put(mesh, 'a', 'key', 'value');
    const token = await invite(mesh, 'a');
    isJoined = await joinKilled(mesh, token, async () => {
      mesh.machine('c').killAtStep(step);
      await mesh.advance(1_000);
      await mesh.kill('c');
    });
    assert(step < 20, 'a join takes a few steps');
  }
});

test('a member that is killed at any moment while it admits somebody leaves nothing half done', async () => {
  for (let atMs = 1; atMs < 30; atMs += 2) {
    await using mesh = await meshOf('a', ['b']);
    const token = await invite(mesh, 'a');
    await mesh.settle();
    const c = await mesh.start('c');
    const joining = c.joinMesh(token);
    await mesh.advance(atMs);
    await mesh.kill('a');
    // Through b, if not through a.
    await mesh.run(joining);
    await mesh.start('a');
    await mesh.settle();
    assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'c member']);
  }
});

/** Lets `c` begin to join, interrupts it, and joins again; whether the first attempt had come to its end. */
async function joinKilled(mesh: Nodes, token: string, interrupt: () => Promise<void>): Promise<boolean> {
  const c = await mesh.start('c');
  let isJoined = false;
  void c.joinMesh(token).then(() => (isJoined = true));
  await interrupt();
  const again = await mesh.start('c');
  await mesh.run(again.joinMesh(token));
  await mesh.settle();
  assert.equal(get(mesh, 'c', 'key'), 'value');
  assert.deepEqual(membersFor(mesh, 'b'), ['a member', 'b member', 'c member']);
  assert.equal(again.meshes().length, 1);
  return isJoined;
}
