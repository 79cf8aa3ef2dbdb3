import { keyPairFromSeed } from '@lattice/crypto';
import { assert, type Clock, type Logger, type NodeId, type Random, type Timers } from '@lattice/model';
import type { Transport } from '@lattice/net-types';
import { MemoryDisk, MemoryNodeStorage, type NodeStorage } from '@lattice/storage';
import type { MemoryNetwork } from '../net/memory-network.js';
import { Lifeline } from './lifeline.js';
import { ProcessStorage } from './process-storage.js';
import { ProcessTimers } from './process-timers.js';
import { type ProcessTaps, ProcessTransport } from './process-transport.js';
import type { SeededRandom } from './seeded-random.js';

/** What a node is opened with. */
export interface MachinePorts {
  /** What the machine is called in the test. */
  readonly name: string;
  readonly storage: NodeStorage;
  readonly openTransport: (seed: Uint8Array) => Promise<Transport>;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly logger: Logger;
}

export interface MachineOptions {
  readonly name: string;
  readonly time: Clock & Timers;
  readonly network: MemoryNetwork;
  readonly random: SeededRandom;
  readonly logger: Logger;
  readonly taps: Omit<ProcessTaps, 'onDial'>;
  /** Its key: a twin's, where its disk is a copy. */
  readonly identity?: Uint8Array;
  /** Where it is to be found; by its id if not said otherwise. */
  readonly address?: string;
  /** What a process has as its storage, in place of the disk alone: for disks with faults. */
  readonly openStorage?: (disk: MemoryDisk, life: Lifeline) => NodeStorage;
}

/** One run of a node: it ends by being closed, or killed. */
interface Process<Node> {
  readonly life: Lifeline;
  readonly timers: ProcessTimers;
  readonly transports: { readonly transport: ProcessTransport; readonly moved: (address: string) => void }[];
  /** Once it is open. */
  node?: Node;
}

/** A computer with a disk, a clock that may be wrong, and one node that runs on it or does not. */
export class Machine<Node extends AsyncDisposable> {
  readonly name: string;
  readonly disk = new MemoryDisk();
  /** How far the wall clock is ahead. */
  skewMs = 0;
  /** Called whenever its node dials somebody. */
  onDial: (peer: NodeId) => void = () => undefined;
  readonly #options: MachineOptions;
  #process: Process<Node> | undefined;
  #stepsLeft = Infinity;
  #address: string | undefined;
  #known: { readonly seed: Uint8Array; readonly nodeId: NodeId } | undefined;

  constructor(options: MachineOptions) {
    this.name = options.name;
    this.#options = options;
    this.disk.identity = options.identity ?? options.random.bytes(32);
    this.#address = options.address;
  }

  /** Of the key that its disk holds now. */
  get nodeId(): NodeId {
    const { identity } = this.disk;
    assert(identity, 'its disk has a key');
    if (this.#known?.seed !== identity)
      this.#known = { seed: identity, nodeId: keyPairFromSeed(identity).nodeId };
    return this.#known.nodeId;
  }

  get isRunning(): boolean {
    return this.#process !== undefined;
  }

  /** Fails where none runs. */
  get node(): Node {
    const node = this.#process?.node;
    assert(node, `node ${this.name} runs`);
    return node;
  }

  /** What the running node holds on to. */
  get inUse(): { readonly timers: number; readonly connections: readonly NodeId[] } {
    const { timers, transports = [] } = this.#process ?? {};
    const connections = transports.flatMap(({ transport }) => transport.connections);
    return { timers: timers?.count ?? 0, connections: connections.map(({ remote }) => remote) };
  }

  async start(open: (ports: MachinePorts) => Promise<Node>): Promise<Node> {
    assert(!this.#process, `node ${this.name} runs once at a time`);
    const life = new Lifeline();
    const timers = new ProcessTimers(this.#options.time, life);
    const process: Process<Node> = { life, timers, transports: [] };
    this.#process = process;
    process.node = await open(this.#ports(process));
    return process.node;
  }

  /** Closes the node, unless its process is killed before that is over. Fails where it leaves a timer or a connection behind. */
  async stop(): Promise<void> {
    const closing = this.node[Symbol.asyncDispose]();
    const isClosed = await this.#process?.life.outlives(closing);
    if (!isClosed) return;
    const { timers, connections } = this.inUse;
    assert(timers === 0, `node ${this.name} leaves no timers behind when it is closed, not ${timers}`);
    assert(connections.length === 0, `node ${this.name} leaves no connections behind when it is closed`);
    this.#process = undefined;
  }

  /** Ends the process here and now: nobody is told, and nothing is put in order. */
  kill(): void {
    this.#process?.life.end();
    this.#process = undefined;
    this.#stepsLeft = Infinity;
    this.#options.network.crash(this.nodeId, this.#address);
  }

  /** Where it is to be found, if anywhere but by its id. */
  get address(): string | undefined {
    return this.#address;
  }

  /** Is to be found at another address from now on; its connections last. */
  moveTo(address: string): void {
    this.#address = address;
    for (const { moved } of this.#process?.transports ?? []) moved(address);
  }

  /** Kills the process when it comes to that durable step, counted from 1, before the step is taken. */
  killAtStep(step: number): void {
    this.#stepsLeft = step;
  }

  #ports(process: Process<Node>): MachinePorts {
    const { name, time, network, random, logger, taps } = this.#options;
    const openStorage = this.#options.openStorage ?? ((disk) => new MemoryNodeStorage(disk));
    const { life, timers } = process;
    return {
      name,
      storage: new ProcessStorage(openStorage(this.disk, life), life, () => {
        if (!life.hasEnded && --this.#stepsLeft <= 0) this.kill();
      }),
      openTransport: async (seed) => {
        if (life.hasEnded) return new Promise<never>(() => undefined);
        const inner = network.transport(keyPairFromSeed(seed).nodeId, this.#address);
        const onDial = (peer: NodeId) => this.onDial(peer);
        const transport = new ProcessTransport(inner, life, { ...taps, onDial });
        process.transports.push({ transport, moved: (address) => inner.move(address) });
        return transport;
      },
      clock: { nowMs: () => time.nowMs() + this.skewMs },
      timers,
      random: random.fork(),
      logger: {
        log: (level, message, fields) => {
          if (!life.hasEnded) logger.log(level, message, fields);
        },
      },
    };
  }
}
