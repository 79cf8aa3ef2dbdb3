import type { Chance } from './chance.js';
import type { SimNode, World } from './world.js';

/** The overlay as a graph: by index of each living node, those in its active view. */
export type Graph = ReadonlyMap<number, readonly number[]>;

export function graphOf(world: World): Graph {
  const living = new Map(world.alive().map((node) => [node.index, node]));
  const neighbors = (node: SimNode) =>
    node.overlay
      .active()
      .map((id) => Number(id.slice(5)))
      .filter((index) => living.has(index));
  return new Map([...living].map(([index, node]) => [index, neighbors(node)]));
}

/** Over how many links each node is reached from there. */
function distances(graph: Graph, from: number): ReadonlyMap<number, number> {
  const found = new Map([[from, 0]]);
  for (const [index, distance] of found)
    for (const next of graph.get(index) ?? []) if (!found.has(next)) found.set(next, distance + 1);
  return found;
}

export function isConnected(graph: Graph): boolean {
  const [first] = graph.keys();
  return first === undefined || distances(graph, first).size === graph.size;
}

/** The nodes that are in another's active view without having it in theirs. */
export function asymmetries(graph: Graph): readonly string[] {
  const found: string[] = [];
  for (const [index, neighbors] of graph)
    for (const other of neighbors) if (!graph.get(other)?.includes(index)) found.push(`${index} -> ${other}`);
  return found;
}

/** How many nodes have so many neighbors: by number of neighbors. */
export function degrees(graph: Graph): ReadonlyMap<number, number> {
  const counts = new Map<number, number>();
  for (const { length } of graph.values()) counts.set(length, (counts.get(length) ?? 0) + 1);
  return new Map([...counts].sort(([a], [b]) => a - b));
}

/** Of the pairs of a node's neighbors, the share that are neighbors themselves; the mean of all nodes. */
export function clustering(graph: Graph): number {
  let sum = 0;
  for (const neighbors of graph.values()) {
    let linked = 0;
    for (const a of neighbors) for (const b of neighbors) if (a !== b && graph.get(a)?.includes(b)) linked++;
    if (neighbors.length > 1) sum += linked / (neighbors.length * (neighbors.length - 1));
  }
  return sum / graph.size;
}

/** The mean over all targets, from some nodes drawn at random. */
export function averagePath(graph: Graph, chance: Chance, sources = 50): number {
  const indexes = [...graph.keys()];
  let sum = 0;
  let pairs = 0;
  for (let i = 0; i < sources; i++)
    for (const distance of distances(graph, indexes[chance.below(indexes.length)] as number).values()) {
      sum += distance;
      if (distance > 0) pairs++;
    }
  return sum / pairs;
}
