import assert from 'node:assert/strict';
import { test } from 'node:test';
import { days, hours, type Scene, seconds, tell } from '@lattice/sim';

/** Tells it, and demands that all is as it must be in the end. */
function hardCase(about: string, story: (scene: Scene) => Promise<void>): void {
  test(about, async () => {
    const { findings, trace } = await tell(1, story);
    assert.deepEqual(findings, [], trace.slice(-60).join('\n'));
  });
}

hardCase('two that revoke each other while apart: the senior one prevails', async ({ mesh, net, pass }) => {
  await mesh.of('a', 'b', 'c');
  await net.partition(['a'], ['b'], ['c']);
  await pass(seconds(40));
  await mesh.node('b').revoke('c');
  await mesh.node('c').revoke('b');
  await net.heal();
  await pass(seconds(120));
  assert.deepEqual(mesh.node('a').members(), ['a', 'b']);
  assert.deepEqual(mesh.node('b').members(), ['a', 'b']);
});

hardCase(
  'a chain of revocations, each by one who was revoked by the one before',
  async ({ mesh, net, pass }) => {
    await mesh.of('a', 'b', 'c', 'd', 'e');
    await net.partition(['a'], ['b'], ['c'], ['d'], ['e']);
    await pass(seconds(40));
    await mesh.node('d').revoke('e');
    await mesh.node('c').revoke('d');
    await mesh.node('b').revoke('c');
    await net.heal();
    await pass(seconds(180));
    // c's revocation of d comes after what b accepts of c; so d is in, and e is out.
    assert.deepEqual(mesh.node('a').members(), ['a', 'b', 'd']);
  },
);

hardCase('an invite that is used in both halves of a partition lets both in', async ({ mesh, net, pass }) => {
  await mesh.of('a', 'b');
  for (const joiner of ['c', 'd']) await mesh.node(joiner).start();
  await mesh.node('a').invite('shared');
  await pass(seconds(2));
  await net.partition(['a', 'c'], ['b', 'd']);
  await mesh.node('c').join('shared');
  await mesh.node('d').join('shared');
  await mesh.node('c').put('from c', '1');
  await mesh.node('d').put('from d', '1');
  await net.heal();
  await pass(seconds(120));
  assert.deepEqual(mesh.node('a').members(), ['a', 'b', 'c', 'd']);
});

hardCase(
  'an invite that is used at its last second, by an inviter who is revoked meanwhile',
  async (scene) => {
    const { mesh, net, clock, pass } = scene;
    await mesh.of('a', 'b', 'c');
    for (const joiner of ['d', 'e']) await mesh.node(joiner).start();
    await mesh.node('b').invite('late', seconds(60));
    await pass(seconds(2));
    await net.partition(['a', 'e'], ['b', 'c', 'd']);
    await pass(seconds(40));
    await mesh.node('a').revoke('b');
    await clock.skew('d', -seconds(1));
    await pass(seconds(10));
    await mesh.node('d').joinSoon('late');
    await mesh.node('e').joinSoon('late');
    await pass(seconds(60));
    await net.heal();
    await pass(seconds(120));
  },
);

hardCase('an honest entry that follows one which no longer counts', async ({ mesh, net, pass }) => {
  await mesh.of('a', 'b', 'c');
  await net.partition(['a'], ['b', 'c']);
  await pass(seconds(40));
  await mesh.node('a').revoke('b');
  await mesh.node('b').put('key', 'of the revoked');
  await pass(seconds(2));
  await mesh.node('c').put('key', 'behind it');
  await mesh.node('c').put('other', 'behind it');
  await net.heal();
  await pass(seconds(120));
  assert.deepEqual(mesh.node('a').heads('key'), ['behind it']);
});

hardCase('a joiner whose admitter dies at once', async ({ mesh, net, pass }) => {
  await mesh.of('a', 'b');
  await mesh.node('c').start();
  await mesh.node('b').invite('by b');
  await net.partition(['a'], ['b', 'c']);
  await pass(seconds(40));
  await mesh.node('c').join('by b');
  await mesh.node('b').crash();
  await mesh.node('c').put('key', 'of the joiner');
  await net.heal();
  await pass(seconds(120));
});

hardCase('two clones that write in the same millisecond', async ({ mesh, pass }) => {
  await mesh.of('a', 'b');
  await mesh.node('b').put('before', '1');
  await pass(seconds(2));
  await mesh.node('b').stop();
  await mesh.node('b').clone('b-twin');
  await mesh.node('b').start();
  await mesh.node('b-twin').start();
  await mesh.node('b').putSoon('key', 'of the first');
  await mesh.node('b-twin').putSoon('key', 'of the second');
  await pass(seconds(60));
});

hardCase('a restored node that goes on from an earlier state', async ({ mesh, net, pass }) => {
  await mesh.of('a', 'b', 'c');
  await mesh.node('b').stop();
  await mesh.node('b').snapshot('early');
  await mesh.node('b').start();
  await mesh.node('b').put('key', 'first life');
  await pass(seconds(5));
  await mesh.node('b').kill();
  await mesh.node('b').restore('early');
  await net.partition(['b'], ['a', 'c']);
  await mesh.node('b').start();
  await mesh.node('b').put('key', 'second life');
  await net.heal();
  await pass(seconds(120));
  assert.deepEqual(mesh.node('a').heads('key'), ['first life', 'second life']);
});

hardCase('a bundle that waits for another chain', async ({ mesh, net, pass }) => {
  await mesh.of('a', 'b', 'c');
  await net.partition(['a', 'b'], ['c']);
  await pass(seconds(40));
  await mesh.node('a').put('key', 'first');
  await pass(seconds(1));
  await net.partition(['a'], ['b']);
  await net.heal();
  await net.partition(['a'], ['b', 'c']);
  await mesh.node('b').put('key', 'behind the first');
  await pass(seconds(60));
  assert.equal(mesh.node('c').get('key'), 'behind the first');
});

hardCase('a revoker who is two weeks behind', async ({ mesh, net, clock, pass }) => {
  await mesh.of('a', 'b', 'c');
  await net.partition(['a'], ['b', 'c']);
  await pass(seconds(40));
  await clock.skew('a', -days(14));
  await mesh.node('b').put('key', 'of these days');
  await mesh.node('a').revoke('b');
  await net.heal();
  await pass(seconds(120));
  assert.deepEqual(mesh.node('c').members(), ['a', 'c']);
});

hardCase(
  'what was dated ahead and issued again takes effect once, and others need not wait for it',
  async ({ mesh, clock, pass }) => {
    await mesh.of('a', 'b');
    await clock.skew('b', hours(3));
    await mesh.node('b').put('key', 'ahead');
    await mesh.node('a').put('key', 'meanwhile');
    await pass(seconds(30));
    assert.deepEqual(mesh.node('a').heads('key'), ['meanwhile']);
    await clock.skew('b', 0);
    await mesh.node('b').repairClock();
    await pass(seconds(30));
    assert.deepEqual(mesh.node('a').heads('key'), ['ahead', 'meanwhile']);
    await mesh.node('a').put('key', 'settled');
    await pass(seconds(30));
    // By then the originals are in all logs.
    await pass(hours(4));
    assert.deepEqual(mesh.node('b').heads('key'), ['settled']);
  },
);

hardCase('a node whose clock once said 2099', async ({ mesh, clock, pass }) => {
  await mesh.of('a', 'b', 'c');
  await clock.skew('b', days(365) * 74);
  await mesh.node('b').put('key', 'of the future');
  await clock.skew('b', 0);
  await mesh.node('b').put('other', 'behind the future');
  await mesh.node('a').put('key', 'of today');
  await pass(seconds(60));
  assert.equal(mesh.node('c').get('key'), 'of today');
  await clock.skew('a', hours(1));
});
