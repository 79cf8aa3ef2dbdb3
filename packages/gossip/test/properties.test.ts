import { strict as assert } from 'node:assert';
import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { type BroadcastId, type GossipMessage, viewSizes } from '@lattice/gossip';
import { Chance } from './support/chance.js';
import { asymmetries, graphOf, isConnected } from './support/graph.js';
import { idOf, LoneOverlay } from './support/lone-overlay.js';
import { World } from './support/world.js';

const runs = process.env['LATTICE_LONG'] === '1' ? 500 : 8;
const firstSeed = Number(process.env['LATTICE_SEED'] ?? randomInt(2 ** 31));

test('whatever a mesh went through: once it is quiet, views are symmetric, within bounds, and all are connected', () => {
  for (let seed = firstSeed; seed < firstSeed + runs; seed++) {
    const chance = new Chance(seed);
    const world = new World({
      seed,
      knowsMembers: true,
      loss: chance.below(2) * 0.05,
      latencyMs: (a, b) => 5 + (((a + 1) * (b + 1) * 7_919) % 200),
    });
    world.grow(2 + chance.below(60), 20 + chance.below(500));
    for (let i = 0; i < 12; i++) disturb(world, chance);
    world.cut(undefined);
    world.run(30 * 60_000);
    const graph = graphOf(world);
    assert.ok(isConnected(graph), `seed ${seed}: the overlay is in parts`);
    assert.deepEqual(lastingAsymmetries(world), [], `seed ${seed}`);
    for (const node of world.alive()) checkViews(node.overlay, node.index, world.members, seed);
    const { atMs } = world.broadcast(world.pickAlive());
    world.run(60_000);
    assert.equal(atMs.size, world.alive().length, `seed ${seed}: a broadcast has not come everywhere`);
  }
});

test('whatever members send: views stay within bounds and apart, and no message makes more than a few', () => {
  for (let seed = firstSeed; seed < firstSeed + 20 * runs; seed++) {
    const chance = new Chance(seed);
    const members = 2 + chance.below(100);
    const node = new LoneOverlay({ members, seed, isMember: (index) => index < members });
    for (let i = 0; i < 500; i++) {
      const effects = node.hear(chance.below(members + 3), anyMessage(chance, members));
      assert.ok(effects.length <= 16, `seed ${seed}: ${effects.length} effects of one message`);
      if (chance.below(10) === 0) node.step({ kind: 'lost', peer: idOf(chance.below(members)) });
      if (chance.below(10) === 0)
        node.step({ kind: 'pushed', from: idOf(chance.below(members)), id: anyId(chance), round: 2 ** 31 });
      if (chance.below(20) === 0) node.pass(chance.below(30_000));
      checkViews(node.overlay, 0, members, seed);
    }
  }
});

/** Those that are there at several moments: at any one of them somebody may just be entering anew. */
function lastingAsymmetries(world: World): readonly string[] {
  let lasting = asymmetries(graphOf(world));
  for (let i = 0; i < 4; i++) {
    world.run(5_000);
    const now = asymmetries(graphOf(world));
    lasting = lasting.filter((one) => now.includes(one));
  }
  return lasting;
}

function disturb(world: World, chance: Chance): void {
  const living = world.alive().length;
  switch (chance.below(5)) {
    case 0:
      world.grow(1 + chance.below(5), chance.below(1_000));
      break;
    case 1:
      world.kill(chance.below(Math.floor(living / 2) + 1), { noticed: chance.below(2) === 0 });
      break;
    case 2:
      world.cut((a, b) => a % 2 !== b % 2);
      break;
    case 3:
      world.cut(undefined);
      break;
    default:
      for (let i = 0; i < 10; i++) world.broadcast(world.pickAlive());
  }
  world.run(chance.below(3) * 30_000);
}

function checkViews(overlay: LoneOverlay['overlay'], self: number, members: number, seed: number): void {
  const active = overlay.active();
  const passive = overlay.passive();
  const sizes = viewSizes(members);
  assert.ok(active.length <= sizes.active, `seed ${seed}: an active view of ${active.length}`);
  assert.ok(passive.length <= sizes.passive, `seed ${seed}: a passive view of ${passive.length}`);
  const all = [...active, ...passive];
  assert.equal(new Set(all).size, all.length, `seed ${seed}: a node is in view twice`);
  assert.ok(!all.includes(idOf(self)), `seed ${seed}: a node has itself in view`);
  for (const id of all) assert.ok(Number(id.slice(5)) < members, `seed ${seed}: no member is in view`);
  for (const peer of overlay.eager())
    assert.ok(active.includes(peer), `seed ${seed}: a link of the tree is none`);
}

function anyMessage(chance: Chance, members: number): GossipMessage {
  const anyNode = () => idOf(chance.below(members + 3));
  const ttl = chance.below(4) === 0 ? 2 ** 32 - 1 : chance.below(8);
  const some = <T>(make: () => T) => Array.from({ length: chance.below(9) }, make);
  const all: readonly (() => GossipMessage)[] = [
    () => ({ kind: 'join' }),
    () => ({ kind: 'forward-join', node: anyNode(), ttl }),
    () => ({ kind: 'neighbor', high: chance.below(2) === 0 }),
    () => ({ kind: 'neighbor-reply', accepted: chance.below(2) === 0 }),
    () => ({ kind: 'disconnect' }),
    () => ({ kind: 'shuffle', origin: anyNode(), ttl, nodes: some(anyNode) }),
    () => ({ kind: 'shuffle-reply', nodes: some(anyNode) }),
    () => ({ kind: 'i-have', announcements: some(() => ({ id: anyId(chance), round: ttl })) }),
    () => ({ kind: 'graft', id: anyId(chance) }),
    () => ({ kind: 'graft' }),
    () => ({ kind: 'prune' }),
  ];
  return (all[chance.below(all.length)] as () => GossipMessage)();
}

function anyId(chance: Chance): BroadcastId {
  return `broadcast-${chance.below(50)}` as BroadcastId;
}
