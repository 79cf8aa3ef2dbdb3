import { assert, utf8 } from '@lattice/model';
import { type Node, openNode } from '@lattice/node';
import { MeshHarness } from '@lattice/testkit';
import { meshOf, storeOf } from '../world/world.js';

/** What a mesh of that many nodes has just done, and what it took of time and network. */
export interface Lap {
  readonly what: 'joined' | 'wrote' | 'idled';
  readonly nodes: number;
  /** Of mesh life. Of a write: until all nodes show it. */
  readonly virtualMs: number;
  /** Over the network, by all nodes together. */
  readonly frames: number;
  readonly bytes: number;
  /** Of all nodes, how many others each is connected with. */
  readonly connections: number;
}

export interface Growing {
  readonly nodes: number;
  readonly seed: number;
}

const idleMs = 60_000;
/** For those who joined last to be connected with all. */
const restMs = 20_000;
const showsWithinMs = 120_000;
const latencyMs = 20;

/**
 * Lets a mesh grow, one node joining after the other, with disks that are memory and a network without faults; at 10 nodes and
 * each time that it has doubled, and at the end, somebody writes, and then nobody does for a minute. Each lap comes when it is
 * over: whoever reads them can measure what it took of the processor, and stop.
 */
export async function* growMesh({ nodes, seed }: Growing): AsyncGenerator<Lap> {
  const mesh = new MeshHarness<Node>({
    seed,
    latencyMs,
    open: async (ports) => {
      const node = await openNode({ ...ports, version: 'simulated' });
      await node.startNetwork();
      return node;
    },
    holdingsOf: () => [],
  });
  const names: string[] = [];
  const lap = async (what: Lap['what'], work: () => Promise<void>): Promise<Lap> => {
    const [before, sinceMs] = [mesh.network.total, mesh.time.monotonicMs()];
    await work();
    const after = mesh.network.total;
    const connections = names.reduce((sum, name) => sum + mesh.machine(name).inUse.connections.length, 0);
    return {
      what,
      nodes: names.length,
      virtualMs: mesh.time.monotonicMs() - sinceMs,
      frames: after.frames - before.frames,
      bytes: after.bytes - before.bytes,
      connections: connections / Math.max(1, names.length),
    };
  };
  for (const size of sizesUpTo(nodes)) {
    yield await lap('joined', async () => {
      while (names.length < size) names.push(await addOne(mesh, names));
      await mesh.advance(restMs);
    });
    yield await lap('wrote', () => write(mesh, names, size));
    yield await lap('idled', () => mesh.advance(idleMs));
  }
  for (const name of names) await mesh.kill(name);
}

/** 10, 20, 40 ... and the last one itself. */
function sizesUpTo(last: number): readonly number[] {
  const sizes: number[] = [];
  for (let size = 10; size < last; size *= 2) sizes.push(size);
  return [...sizes, last];
}

/** The first makes the mesh; each other one joins by the first one's invite. */
async function addOne(mesh: MeshHarness<Node>, names: readonly string[]): Promise<string> {
  const name = `n${names.length}`;
  const node = await mesh.start(name);
  const home = names[0] === undefined ? undefined : meshOf(mesh.node(names[0]));
  if (!home) await mesh.run(node.createMesh({ name: 'home' }));
  else await mesh.run(node.joinMesh((await mesh.run(home.createInvite())).token));
  return name;
}

/** By one in the middle; until all show it. */
async function write(mesh: MeshHarness<Node>, names: readonly string[], size: number): Promise<void> {
  const [key, value] = [utf8(`at ${size}`), utf8('.'.repeat(100))];
  const storesOf = (name: string) => storeOf(mesh.node(name), 'main');
  const kv = storesOf(names[names.length >>> 1] ?? '')?.kv();
  assert(kv, 'all have the first store');
  await mesh.run(kv.put(key, value));
  const shows = (name: string) => storesOf(name)?.kv().get(key) !== undefined;
  await mesh.until(`all ${size} nodes show what was written`, () => names.every(shows), showsWithinMs);
}
