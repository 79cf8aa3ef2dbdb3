import { assert, type NodeId, silentLogger } from '@lattice/model';
import type { Loss } from '../mesh/mesh-harness.js';
import type { MachinePorts } from '../mesh/machine.js';
import { SeededRandom } from '../mesh/seeded-random.js';
import { MemoryNetwork } from '../net/memory-network.js';
import { realTimers } from '../time/system-ports.js';
import { NodeMachine } from './node-machine.js';

/** What is asked of a node here: the node of `@lattice/node` does it. */
export interface AnyNode extends AsyncDisposable {
  startNetwork(): Promise<void>;
  joinMesh(token: string, options: { readonly name: string }): Promise<unknown>;
  meshes(): readonly {
    createInvite(): Promise<{ readonly token: string }>;
    stores(): readonly { sync(): Promise<unknown> }[];
  }[];
}

/**
 * Real nodes on disks and a network in memory, for tests of what is built on a node, and talks with more than nodes: time
 * passes as it does, while nothing between nodes takes any. Wall clocks stand still where the test sets them. Where only
 * nodes matter, a `MeshHarness` has the time in hand too.
 *
 * @example
 * const nodes = new NodesInMemory((ports) => openNode({ ...ports, version: 'test' }));
 * const node = await nodes.machine('desk').open();
 * const desk = await nodes.machine('desk').open();
 * await desk.createMesh({ name: 'home' });
 * await nodes.join('laptop', 'desk');
 * await nodes.alone('laptop', (laptop) => laptop.mesh('home').store('main').kv().put(key, value));
 * await nodes.meet('desk', 'laptop');
 */
export class NodesInMemory<Node extends AnyNode> implements AsyncDisposable {
  readonly network = new MemoryNetwork({ timers: realTimers });
  /** What every wall clock says: Unix milliseconds. */
  nowMs = Date.UTC(2025, 0, 1);
  /** What gets lost on its way; replace it. */
  loss: Loss = () => false;
  readonly #random = new SeededRandom(1);
  readonly #machines = new Map<string, NodeMachine<Node>>();

  constructor(private readonly openNode: (ports: MachinePorts) => Promise<Node>) {}

  /** The machine of that name, which is there as soon as it is asked for. Its node has the same id in every test. */
  machine(name: string): NodeMachine<Node> {
    const known = this.#machines.get(name);
    if (known) return known;
    const options = {
      name,
      time: { ...realTimers, nowMs: () => this.nowMs },
      network: this.network,
      random: this.#random.fork(),
      logger: silentLogger,
      taps: {
        isLost: (to: NodeId, bytes: Uint8Array) => this.loss(name, this.#nameOf(to), bytes),
        onReceived: () => undefined,
        untilReading: () => Promise.resolve(),
      },
    };
    const machine = new NodeMachine(options, this.openNode);
    this.#machines.set(name, machine);
    return machine;
  }

  /** Has a node join the first mesh of another. Each is closed again, unless it was open. */
  join(joiner: string, member: string): Promise<void> {
    return this.#withOpen([joiner, member], async ([joining, admitting]) => {
      assert(joining && admitting, 'both are open');
      await admitting.startNetwork();
      const [mesh] = admitting.meshes();
      assert(mesh, `${member} is in a mesh`);
      const { token } = await mesh.createInvite();
      await joining.joinMesh(token, { name: joiner });
    });
  }

  /** What a node does while it is not on the network. It is closed again, unless it was open. */
  alone<T>(name: string, work: (node: Node) => Promise<T>): Promise<T> {
    return this.#withOpen([name], async ([node]) => {
      assert(node, 'it is open');
      return work(node);
    });
  }

  /** Resolves when these nodes, which are all the members of their meshes, hold the same. Closes those that were not open. */
  meet(...names: readonly string[]): Promise<void> {
    return this.#withOpen(names, async (nodes) => {
      for (const node of nodes) await node.startNetwork();
      for (const node of nodes)
        for (const store of node.meshes().flatMap((mesh) => mesh.stores())) await store.sync();
    });
  }

  /** Closes every node. Fails where one left a timer or a connection behind. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const machine of this.#machines.values()) await machine.close();
  }

  async #withOpen<T>(names: readonly string[], work: (nodes: readonly Node[]) => Promise<T>): Promise<T> {
    const machines = names.map((name) => this.machine(name));
    const toClose = machines.filter(({ isOpen }) => !isOpen);
    for (const machine of toClose) await machine.open();
    try {
      return await work(machines.map(({ node }) => node));
    } finally {
      for (const machine of toClose) await machine.close();
    }
  }

  #nameOf(nodeId: NodeId): string {
    const machines = [...this.#machines.values()];
    return machines.find((one) => one.nodeId.every((byte, i) => byte === nodeId[i]))?.name ?? 'nobody';
  }
}
