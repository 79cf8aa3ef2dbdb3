import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { BroadcastId } from '@lattice/gossip';
import { idOf, LoneOverlay, messagesTo } from './support/lone-overlay.js';

const id = (name: string) => name as BroadcastId;

function withPeers(...peers: readonly number[]): LoneOverlay {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(...peers);
  return node;
}

test('a broadcast is pushed over eager links, and announced over lazy ones, a moment later and many at once', () => {
  const node = withPeers(1, 2);
  node.hear(2, { kind: 'prune' });
  const effects = ['a', 'b'].flatMap((name) => node.step({ kind: 'broadcast', id: id(name) }));
  assert.deepEqual(effects, [
    { kind: 'push', to: idOf(1), id: 'a', round: 1 },
    { kind: 'push', to: idOf(1), id: 'b', round: 1 },
  ]);
  assert.deepEqual(messagesTo(node.pass(100), 2), [
    {
      kind: 'i-have',
      announcements: [
        { id: 'a', round: 1 },
        { id: 'b', round: 1 },
      ],
    },
  ]);
});

test('what is pushed is passed on once it is found good, one round further, and not back', () => {
  const node = withPeers(1, 2);
  assert.deepEqual(node.step({ kind: 'pushed', from: idOf(1), id: id('a'), round: 3 }), [
    { kind: 'deliver', from: idOf(1), id: 'a' },
  ]);
  assert.deepEqual(node.step({ kind: 'broadcast', id: id('a') }), [
    { kind: 'push', to: idOf(2), id: 'a', round: 4 },
  ]);
  assert.deepEqual(node.step({ kind: 'broadcast', id: id('a') }), [], 'once');
});

test('what comes twice prunes the link that it came over the second time', () => {
  const node = withPeers(1, 2);
  node.step({ kind: 'pushed', from: idOf(1), id: id('a'), round: 1 });
  const effects = node.step({ kind: 'pushed', from: idOf(2), id: id('a'), round: 1 });
  assert.deepEqual(messagesTo(effects, 2), [{ kind: 'prune' }]);
  assert.deepEqual(node.overlay.eager(), [idOf(1)]);
});

test('what was announced and does not come is asked for, of one announcer after the other; at last it is a gap', () => {
  const node = withPeers(1, 2);
  for (const peer of [1, 2]) node.hear(peer, { kind: 'prune' });
  for (const peer of [1, 2]) node.hear(peer, { kind: 'i-have', announcements: [{ id: id('a'), round: 1 }] });
  assert.deepEqual(node.pass(400), []);
  assert.deepEqual(messagesTo(node.pass(200), 1), [{ kind: 'graft', id: 'a' }]);
  assert.deepEqual(node.overlay.eager(), [idOf(1)], 'the link is in the tree again');
  assert.deepEqual(messagesTo(node.pass(250), 2), [{ kind: 'graft', id: 'a' }]);
  assert.deepEqual(node.pass(250), [{ kind: 'gap', from: idOf(2), id: 'a' }]);
  assert.deepEqual(node.pass(2_000), []);
});

test('what comes in time is not asked for', () => {
  const node = withPeers(1, 2);
  node.hear(2, { kind: 'i-have', announcements: [{ id: id('a'), round: 1 }] });
  node.step({ kind: 'pushed', from: idOf(1), id: id('a'), round: 1 });
  assert.deepEqual(node.pass(2_000), []);
});

test('who grafts is pushed to again, and gets what it asked for, unless that was never found good', () => {
  const node = withPeers(1, 2);
  node.hear(1, { kind: 'prune' });
  node.step({ kind: 'broadcast', id: id('a') });
  node.step({ kind: 'pushed', from: idOf(2), id: id('forged'), round: 1 });
  assert.deepEqual(node.hear(1, { kind: 'graft', id: id('a') }), [
    { kind: 'push', to: idOf(1), id: 'a', round: 1 },
  ]);
  assert.deepEqual(node.hear(1, { kind: 'graft', id: id('forged') }), []);
  assert.deepEqual([...node.overlay.eager()].sort(), [idOf(1), idOf(2)]);
});

test('what came otherwise is announced to all, and pushed to nobody', () => {
  const node = withPeers(1, 2);
  assert.deepEqual(node.step({ kind: 'broadcast', id: id('a'), announceOnly: true }), []);
  const effects = node.pass(100);
  for (const peer of [1, 2]) assert.equal(messagesTo(effects, peer).length, 1);
});

test('a peer has so many payloads sent as the bound allows, and no more at once', () => {
  const node = withPeers(1);
  node.step({ kind: 'broadcast', id: id('a') });
  let pushes = 0;
  for (let i = 0; i < 10_000; i++) pushes += node.hear(1, { kind: 'graft', id: id('a') }).length;
  assert.equal(pushes, 256);
});

test('what a peer announces is waited for up to a bound', () => {
  const node = withPeers(1);
  for (let i = 0; i < 10; i++) {
    const announcements = Array.from({ length: 512 }, (_, j) => ({ id: id(`${i} ${j}`), round: 1 }));
    node.hear(1, { kind: 'i-have', announcements });
  }
  const grafts = messagesTo(node.pass(10_000), 1).filter(({ kind }) => kind === 'graft');
  assert.equal(grafts.length, 512);
});
