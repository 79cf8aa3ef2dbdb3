import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandshakePlaces } from '@lattice/net/testing';
import { VirtualTime } from '@lattice/testkit';
import { bindIrohThread } from './support/iroh.js';
import { OneWay } from './support/one-way.js';

// In threads of their own, as a dial that is given up goes on for half a minute, and would keep this process.
test('those who begin handshakes and end none keep nobody out, not even of their own place', async () => {
  await using victim = await bindIrohThread();
  await using mallory = await bindIrohThread();
  await using friend = await bindIrohThread();
  const v4 = victim.address().direct.find((socket) => socket.startsWith('127.'));
  await using oneWay = await OneWay.to(Number(v4?.split(':').at(-1)));
  const { nodeId } = victim;
  const { signal } = new AbortController();
  const dials = Array.from({ length: 10 }, () =>
    mallory.connect({ nodeId, direct: [oneWay.address] }, signal).catch(() => undefined),
  );
  await oneWay.askedForProof;
  const sameHost = victim.address().direct.filter((address) => address.startsWith('127.0.0.1:'));
  const connection = await friend.connect({ nodeId, direct: sameHost }, signal);
  assert.deepEqual((await victim.accept())?.remote, friend.nodeId);
  connection.close('enough');
  await mallory[Symbol.asyncDispose]();
  await Promise.all(dials);
});

test('of handshakes 8 are under way from one place before more must show that it is theirs, and 16 in all', () => {
  const { enter } = rig();
  assert.deepEqual(enter(20, 'here', false), { taken: 8, last: 'prove' });
  assert.deepEqual(enter(20, 'here', true), { taken: 8, last: 'refuse' });
  assert.deepEqual(enter(1, 'there', false).taken, 1);
});

test('of all places together 32 are for everybody, and 32 more for who has shown where it is', () => {
  const { places, enter } = rig();
  for (let i = 0; i < 32; i++) assert.equal(enter(1, `made up ${i}`, false).taken, 1);
  assert.equal(places.take('made up too', false), 'prove');
  for (let i = 0; i < 32; i++) assert.equal(enter(1, `real ${i}`, true).taken, 1);
  assert.equal(places.take('real too', true), 'refuse');
});

test('a handshake gives up its place after ten seconds, and whoever leaves many behind is refused', async () => {
  const { time, places, enter } = rig();
  const first = places.take('here', true);
  assert(typeof first === 'object');
  for (let round = 0; round < 4; round++) {
    assert.equal(first.isOverdue, round > 0);
    assert.equal(enter(16, 'here', true).taken, round === 0 ? 15 : 16);
    assert.equal(places.take('here', true), 'refuse');
    await time.advance(10_000);
  }
  assert.equal(places.take('here', true), 'refuse', '64 have not ended');
  assert.equal(enter(1, 'there', true).taken, 1);
  first[Symbol.dispose]();
  assert.equal(enter(1, 'here', true).taken, 1);
});

test('those left behind are bounded in all', async () => {
  const { time, places, enter } = rig();
  for (let round = 0; round < 4; round++) {
    for (let i = 0; i < 4; i++) assert.equal(enter(16, `place ${i}`, true).taken, 16);
    await time.advance(10_000);
  }
  assert.equal(places.take('elsewhere', true), 'refuse');
});

function rig() {
  const time = new VirtualTime();
  const places = new HandshakePlaces(time);
  /** How many of so many find a place, and what the last who does not is told. */
  const enter = (count: number, source: string, isProven: boolean) => {
    const answers = Array.from({ length: count }, () => places.take(source, isProven));
    const refused = answers.filter((answer) => typeof answer === 'string');
    return { taken: count - refused.length, last: refused.at(-1) };
  };
  return { time, places, enter };
}
