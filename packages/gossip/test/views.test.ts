import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { viewSizes } from '@lattice/gossip';
import { asymmetries, graphOf, isConnected } from './support/graph.js';
import { idOf, LoneOverlay, messagesTo } from './support/lone-overlay.js';
import { World } from './support/world.js';

test('small meshes are linked in full, large ones as in the paper', () => {
  assert.deepEqual(viewSizes(1), { active: 0, passive: 0 });
  assert.deepEqual(viewSizes(2), { active: 1, passive: 0 });
  assert.deepEqual(viewSizes(8), { active: 7, passive: 0 });
  assert.deepEqual(viewSizes(9), { active: 5, passive: 8 });
  assert.deepEqual(viewSizes(10_000), { active: 5, passive: 30 });
});

test('in a small mesh everybody comes to have everybody in view', () => {
  const world = new World({ seed: 1, knowsMembers: true });
  world.grow(8);
  world.run(60_000);
  for (const { overlay } of world.nodes) assert.equal(overlay.active().length, 7);
});

test('who enters is taken in, and the others in view are told with a walk of the full length', () => {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(1, 2, 3);
  const effects = node.hear(4, { kind: 'join' });
  assert.deepEqual(messagesTo(effects, 4), [{ kind: 'neighbor-reply', accepted: true }]);
  for (const peer of [1, 2, 3])
    assert.deepEqual(messagesTo(effects, peer), [{ kind: 'forward-join', node: idOf(4), ttl: 6 }]);
  assert.ok(node.overlay.active().includes(idOf(4)));
});

test('a full view makes room for who enters, and tells the one who has to leave', () => {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(1, 2, 3, 4, 5);
  const effects = node.hear(6, { kind: 'join' });
  const left = effects.filter(({ kind }) => kind === 'down');
  assert.equal(left.length, 1);
  const [dropped] = left as { readonly peer: string }[];
  assert.ok(
    effects.some(
      (one) => one.kind === 'send' && one.to === dropped?.peer && one.message.kind === 'disconnect',
    ),
  );
  assert.equal(node.overlay.active().length, 5);
  assert.ok(
    node.overlay.passive().some((peer) => peer === dropped?.peer),
    'it stays a candidate',
  );
});

test('on its walk, who enters becomes a candidate at PRWL, and a neighbor at the end', () => {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(1, 2);
  assert.deepEqual(messagesTo(node.hear(1, { kind: 'forward-join', node: idOf(7), ttl: 3 }), 2), [
    { kind: 'forward-join', node: idOf(7), ttl: 2 },
  ]);
  assert.deepEqual(node.overlay.passive(), [idOf(7)]);
  assert.deepEqual(messagesTo(node.hear(1, { kind: 'forward-join', node: idOf(8), ttl: 0 }), 8), [
    { kind: 'neighbor', high: true },
  ]);
});

test('a walk that claims to be endless is cut', () => {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(1, 2);
  const [passedOn] = messagesTo(node.hear(1, { kind: 'forward-join', node: idOf(7), ttl: 2 ** 31 }), 2);
  assert.ok(passedOn?.kind === 'forward-join' && passedOn.ttl < 16);
});

test('a full view refuses who has others, and takes who has nobody', () => {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(1, 2, 3, 4, 5);
  assert.deepEqual(messagesTo(node.hear(6, { kind: 'neighbor', high: false }), 6), [
    { kind: 'neighbor-reply', accepted: false },
  ]);
  assert.deepEqual(messagesTo(node.hear(6, { kind: 'neighbor', high: true }), 6), [
    { kind: 'neighbor-reply', accepted: true },
  ]);
});

test('when a link breaks, a candidate is asked: with low priority, and with high when it was the last', () => {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(1, 2);
  node.hear(1, { kind: 'shuffle', origin: idOf(9), ttl: 1, nodes: [] });
  const first = node.step({ kind: 'lost', peer: idOf(1) });
  assert.deepEqual(messagesTo(first, 9), [{ kind: 'neighbor', high: false }]);
  node.step({ kind: 'lost', peer: idOf(9) });
  assert.deepEqual(node.overlay.passive(), [], 'who cannot be reached is no candidate');
  node.hear(2, { kind: 'shuffle', origin: idOf(8), ttl: 1, nodes: [] });
  assert.deepEqual(messagesTo(node.step({ kind: 'lost', peer: idOf(2) }), 8), [
    { kind: 'neighbor', high: true },
  ]);
});

test('a shuffle ends where its walk does, and as many candidates go back', () => {
  const node = new LoneOverlay({ members: 100 });
  node.befriend(1, 2);
  const nodes = [idOf(20), idOf(21), idOf(22)];
  node.hear(1, { kind: 'shuffle', origin: idOf(9), ttl: 1, nodes });
  assert.deepEqual([...node.overlay.passive()].sort(), [...nodes, idOf(9)].sort());
  const [reply] = messagesTo(
    node.hear(1, { kind: 'shuffle', origin: idOf(10), ttl: 1, nodes: [idOf(23)] }),
    10,
  );
  assert.ok(reply?.kind === 'shuffle-reply' && reply.nodes.length === 2);
});

test('who is no member is in no view, and is heard no more once it is none', () => {
  const node = new LoneOverlay({ members: 100, isMember: (index) => index < 50 });
  assert.deepEqual(node.hear(60, { kind: 'join' }), []);
  node.befriend(1);
  node.hear(1, { kind: 'shuffle', origin: idOf(9), ttl: 1, nodes: [idOf(61), idOf(10)] });
  assert.deepEqual([...node.overlay.passive()].sort(), [idOf(10), idOf(9)]);
  node.isMember = (index) => index !== 1 && index !== 9;
  node.step({ kind: 'members' });
  assert.deepEqual(node.overlay.active(), []);
  assert.ok(!node.overlay.passive().includes(idOf(9)));
});

test('an answer that nobody asked for makes no neighbor, and is undone', () => {
  const node = new LoneOverlay({ members: 100 });
  const effects = node.hear(5, { kind: 'neighbor-reply', accepted: true });
  assert.deepEqual(messagesTo(effects, 5), [{ kind: 'disconnect' }]);
  assert.deepEqual(node.overlay.active(), []);
});

test('who sends what only neighbors send, and is none, is told so', () => {
  const node = new LoneOverlay({ members: 100 });
  for (const message of [{ kind: 'prune' }, { kind: 'shuffle', origin: idOf(5), ttl: 3, nodes: [] }] as const)
    assert.ok(messagesTo(node.hear(5, message), 5).some(({ kind }) => kind === 'disconnect'));
});

test('two halves that were cut off from each other are one overlay again some periods later', () => {
  const world = new World({ seed: 5, knowsMembers: true });
  world.grow(60, 200);
  world.run(120_000);
  world.cut((a, b) => a % 2 !== b % 2);
  world.run(600_000);
  assert.ok(!isConnected(graphOf(world)), 'each half is full of its own');
  world.cut(undefined);
  world.run(20 * 60_000);
  const graph = graphOf(world);
  assert.ok(isConnected(graph));
  assert.deepEqual(asymmetries(graph), []);
});
