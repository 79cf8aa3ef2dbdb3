// How long what somebody tells takes to everybody, along the tree, in meshes of overlays in virtual time: all that counts is the way.
// The limit is the shortest way over the same connections, which only flooding takes, for four times as many payloads.
import { GossipWorld } from '../tools/gossip-world.mjs';
import { quantile } from '../tools/in-turns.mjs';
import { counted, rowOf } from '../row.mjs';

const linkMs = 20;
/** After so many, of any nodes, the tree has come to be. */
const warmUp = 40;
const measured = 100;

export async function* measure({ gossipNodes }) {
  for (const count of gossipNodes) yield* rowsFor(count);
}

function* rowsFor(count) {
  const world = new GossipWorld({ count, linkMs, seed: 1 });
  world.grow();
  for (let i = 0; i < warmUp; i++) world.tell(world.anybody());
  const delays = [];
  const shortest = [];
  let payloads = 0;
  for (let i = 0; i < measured; i++) {
    const from = world.anybody();
    const hops = world.hopsFrom(from);
    const told = world.tell(from);
    for (let node = 0; node < count; node++) {
      if (node === from) continue;
      delays.push(told.delaysMs[node] ?? Infinity);
      shortest.push((hops[node] ?? Infinity) * linkMs);
    }
    payloads += told.payloads;
  }
  for (const percent of [50, 99]) {
    yield rowOf({
      name: `gossip, ${counted(count)} nodes, ${linkMs} ms a link, p${percent}`,
      value: quantile(delays, percent / 100),
      unit: 'ms',
      limit: quantile(shortest, percent / 100),
      payloadsANode: Number((payloads / measured / (count - 1)).toFixed(3)),
    });
  }
}
