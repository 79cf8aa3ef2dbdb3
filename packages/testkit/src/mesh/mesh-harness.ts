import { assert, type Logger, type NodeId, silentLogger } from '@lattice/model';
import type { MemoryDisk } from '@lattice/storage';
import { MemoryNetwork } from '../net/memory-network.js';
import { VirtualTime } from '../time/virtual-time.js';
import { restore } from './backup.js';
import { describeDifferences, haveConverged, type Holdings } from './convergence.js';
import { Machine, type MachineOptions, type MachinePorts } from './machine.js';
import type { ProcessTaps } from './process-transport.js';
import { SeededRandom } from './seeded-random.js';

export interface MeshHarnessOptions<Node> {
  readonly open: (ports: MachinePorts) => Promise<Node>;
  /** What a node has now, of the meshes that it is a member of. */
  readonly holdingsOf: (node: Node) => Holdings;
  readonly seed?: number;
  /** One way between any two nodes. */
  readonly latencyMs?: number;
  readonly logger?: (name: string) => Logger;
}

export interface SettleOptions {
  /** All that run, where not given. */
  readonly nodes?: readonly string[];
  readonly withinMs?: number;
}

/** Whether what `from` writes at once (a frame of the protocol) gets lost on its way. */
export type Loss = (from: string, to: string, bytes: Uint8Array) => boolean;

/**
 * Any number of nodes in one process, on one network, with disks that outlive them and one time that is driven. It does not
 * know what a node is: whoever uses it says how one is opened. All chance comes from the seed.
 *
 * @example
 * const mesh = new MeshHarness({ open: (ports) => openNode({ ...ports, version: 'test' }), holdingsOf });
 * await mesh.start('a');
 * await mesh.kill('a');
 */
export class MeshHarness<Node extends AsyncDisposable> implements AsyncDisposable {
  readonly time = new VirtualTime();
  readonly network: MemoryNetwork;
  readonly random: SeededRandom;
  /** What gets lost; replace it. */
  loss: Loss = () => false;
  readonly #options: MeshHarnessOptions<Node>;
  readonly #machines = new Map<string, Machine<Node>>();
  readonly #cut = new Set<readonly [NodeId, NodeId]>();
  readonly #stalled = new Map<string, (() => void)[]>();
  readonly #received = new Map<string, Uint8Array[]>();

  constructor(options: MeshHarnessOptions<Node>) {
    this.#options = options;
    this.random = new SeededRandom(options.seed ?? 1);
    this.network = new MemoryNetwork({ timers: this.time, latencyMs: options.latencyMs ?? 2 });
  }

  get running(): readonly string[] {
    return [...this.#machines.values()].filter(({ isRunning }) => isRunning).map(({ name }) => name);
  }

  /** The node that runs under that name; fails where none does. */
  node(name: string): Node {
    return this.machine(name).node;
  }

  /** The machine of that name, which is there as soon as it is asked for. */
  machine(name: string): Machine<Node> {
    return this.#machines.get(name) ?? this.#addMachine(name);
  }

  /** Another machine with the key of a node and what a backup of it has, to be found elsewhere. */
  restoredElsewhere(name: string, backup: MemoryDisk): Machine<Node> {
    assert(
      !this.#machines.has(name) && backup.identity,
      `${name} is a new machine, and the backup has a key`,
    );
    const machine = this.#addMachine(name, { identity: backup.identity, address: `memory:${name}` });
    machine.disk.meta.replace(backup.meta.copies());
    restore(machine.disk, backup.stores);
    return machine;
  }

  /** Opens the node of that name on its disk. */
  start(name: string): Promise<Node> {
    return this.run(this.machine(name).start(this.#options.open));
  }

  /** Closes it; fails where it leaves a timer or a connection behind. */
  stop(name: string): Promise<void> {
    return this.run(this.machine(name).stop());
  }

  /** Ends its process at once, without a word to anybody. */
  async kill(name: string): Promise<void> {
    this.machine(name).kill();
    // What it had begun in the same breath comes to its end before somebody else takes the disk over.
    await this.time.advance(0);
  }

  /** Its machine loses power: beside the process, what it had computed and not put away is lost. */
  async crash(name: string): Promise<void> {
    await this.kill(name);
    this.machine(name).disk.crash();
  }

  async restart(name: string): Promise<Node> {
    await this.stop(name);
    return this.start(name);
  }

  /** Nothing passes any more between nodes of different groups; those in no group are not concerned. */
  partition(...groups: readonly (readonly string[])[]): void {
    for (const [index, group] of groups.entries()) {
      for (const other of groups.slice(index + 1)) {
        for (const a of group)
          for (const b of other) this.#separate(this.machine(a).nodeId, this.machine(b).nodeId);
      }
    }
  }

  /** All partitions are over. */
  heal(): void {
    for (const [a, b] of this.#cut) this.network.heal(a, b);
    this.#cut.clear();
  }

  /** Sets a node's wall clock ahead, or with a negative number behind. Timers do not notice. */
  skew(name: string, ms: number): void {
    this.machine(name).skewMs = ms;
  }

  /** The node reads nothing from the network until it is resumed. */
  stall(name: string): void {
    this.#stalled.set(name, []);
  }

  resume(name: string): void {
    const waiting = this.#stalled.get(name) ?? [];
    this.#stalled.delete(name);
    for (const go of waiting) go();
  }

  /** All pieces that the node reads from the network from now on; the list grows. */
  record(name: string): readonly Uint8Array[] {
    const pieces: Uint8Array[] = [];
    this.#received.set(name, pieces);
    return pieces;
  }

  nameOf(nodeId: NodeId): string {
    const machine = [...this.#machines.values()].find((one) =>
      one.nodeId.every((byte, i) => byte === nodeId[i]),
    );
    return machine?.name ?? 'nobody';
  }

  advance(ms: number): Promise<void> {
    return this.time.advance(ms);
  }

  /** Lets time pass until the promise settles. */
  run<T>(promise: Promise<T>, msMax?: number): Promise<T> {
    return this.time.run(promise, msMax);
  }

  /** Lets time pass until that holds, and returns how much it took. Fails where it does not in time. */
  async until(what: string, holds: () => boolean, withinMs = 120_000): Promise<number> {
    return this.#until(holds, withinMs, () => what);
  }

  /** Lets time pass until those nodes hold the same; returns how much it took. Fails, saying who lacks what. */
  async settle({ nodes, withinMs = 180_000 }: SettleOptions = {}): Promise<number> {
    const holdings = () =>
      new Map((nodes ?? this.running).map((name) => [name, this.#options.holdingsOf(this.node(name))]));
    return this.#until(
      () => haveConverged(holdings()),
      withinMs,
      () => `all hold the same:\n${describeDifferences(holdings(), (node) => this.nameOf(node))}\n`,
    );
  }

  /** Closes every node that runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    for (const name of [...this.#stalled.keys()]) this.resume(name);
    for (const name of this.running) await this.stop(name);
  }

  async #until(holds: () => boolean, withinMs: number, what: () => string): Promise<number> {
    const beganMs = this.time.monotonicMs();
    const passedMs = () => this.time.monotonicMs() - beganMs;
    await this.advance(0);
    for (let stepMs = 1; !holds(); stepMs = Math.min(500, stepMs * 1.5)) {
      const isInTime = passedMs() < withinMs;
      assert(
        isInTime,
        `within ${withinMs} ms of virtual time (seed ${this.#options.seed ?? 1}), ${isInTime || what()}`,
      );
      await this.advance(Math.min(stepMs, withinMs - passedMs()));
    }
    return passedMs();
  }

  #addMachine(name: string, own: Pick<MachineOptions, 'identity' | 'address'> = {}): Machine<Node> {
    const { time, network } = this;
    const logger = this.#options.logger?.(name) ?? silentLogger;
    const random = this.random.fork();
    const taps = this.#tapsOf(name);
    const machine = new Machine<Node>({ name, time, network, random, logger, taps, ...own });
    this.#machines.set(name, machine);
    return machine;
  }

  #separate(a: NodeId, b: NodeId): void {
    this.network.partition(a, b);
    this.#cut.add([a, b]);
  }

  #tapsOf(name: string): Omit<ProcessTaps, 'onDial'> {
    return {
      isLost: (to, bytes) => this.loss(name, this.nameOf(to), bytes),
      onReceived: (bytes) => void this.#received.get(name)?.push(bytes.slice()),
      untilReading: () => {
        const waiting = this.#stalled.get(name);
        return waiting ? new Promise<void>((resolve) => waiting.push(resolve)) : Promise.resolve();
      },
    };
  }
}
