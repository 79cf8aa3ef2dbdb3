import { type Cancel, type Clock, type NodeId, type Timers } from '@lattice/model';
import { type Node, openNode } from '@lattice/node';
import { Machine, type MachineOptions, type SeededRandom } from '@lattice/testkit';
import { SimDisk } from '../disk/disk.js';
import type { LoggedEntry } from '../disk/read-logs.js';
import { SimStorage } from '../disk/storage.js';
import type { VirtualTime } from '@lattice/testkit';

export interface SimMachineOptions extends Omit<MachineOptions, 'time' | 'openStorage'> {
  readonly address: string;
  readonly time: VirtualTime;
  readonly chance: SeededRandom;
}

/** Little, so that states that a crash left behind begin at some copy, and go on with what came since. */
const checkpointPolicy = { entries: 6, bytes: 2_000, copiedPerWritten: 3 };
/** Small, so that logs have several. */
const segmentBytes = 8 * 1024;

/** A computer in the simulator: its disk, its clock, and the real node that runs on it or does not. */
export class SimMachine {
  readonly name: string;
  readonly disk: SimDisk;
  readonly clock: MachineClock;
  /** Where others found it first. */
  readonly homeAddress: string;
  /** Whose disk its own was copied from. */
  twinOf: SimMachine | undefined;
  /** Whether its history may have parted: it has a twin, or was put back to an earlier state. */
  mayFork = false;
  /** The stores, by UUID, of which somebody accepted here what was lost. */
  readonly accepted = new Set<string>();
  /** Whether it issued again what it had written: it then goes on from an earlier entry. */
  hasRepaired = false;
  /** Whether its clock was behind by more than others take: by that, it may not have been let in yet. */
  wasSetBack = false;
  /** Whether its disk was made to fail; then a write may be refused for it. */
  hadDiskTrouble = false;
  /** What was in the records that were damaged. */
  damaged: readonly LoggedEntry[] = [];
  /** Entries of its own that were damaged, and that it goes on without, as nobody had them who could be reached: in hexadecimal. */
  readonly letGo = new Set<string>();
  /** What it had as it began to leave by force, in hexadecimal; until it has left, and where it never came to the end of that. */
  leavingWith: ReadonlySet<string> | undefined;
  /** Whether it is about to leave, and what it has to be gone. */
  isLeaving = false;
  /** What came of what was over last: "done", or the code of its refusal. */
  lastOutcome = 'done';
  readonly #machine: Machine<Node>;
  #node: Node | undefined;

  constructor(options: SimMachineOptions) {
    const { time, chance } = options;
    this.name = options.name;
    this.homeAddress = options.address;
    this.clock = new MachineClock(time);
    this.#machine = new Machine<Node>({
      ...options,
      time: this.clock,
      openStorage: (_, life) =>
        new SimStorage({ disk: this.disk, life, timers: time, random: chance, segmentBytes }),
    });
    this.disk = new SimDisk(this.#machine.disk, time);
  }

  get nodeId(): NodeId {
    return this.#machine.nodeId;
  }

  get wasDamaged(): boolean {
    return this.damaged.length > 0;
  }

  /** Whether a process runs; its node may not be open yet. */
  get isRunning(): boolean {
    return this.#machine.isRunning;
  }

  /** The node that is open. */
  get node(): Node | undefined {
    return this.#node;
  }

  /** Where it is to be found. */
  get address(): string {
    return this.#machine.address ?? this.homeAddress;
  }

  moveTo(address: string): void {
    this.#machine.moveTo(address);
  }

  async start(onOpen: (node: Node) => void): Promise<void> {
    this.isLeaving = false;
    const node = await this.#machine.start(async (ports) => {
      const opened = await openNode({ ...ports, name: this.name, version: 'simulated', checkpointPolicy });
      await opened.startNetwork();
      return opened;
    });
    this.#node = node;
    onOpen(node);
  }

  async stop(): Promise<void> {
    this.#node = undefined;
    await this.#machine.stop();
    this.disk.abandoned();
  }

  kill(): void {
    this.#node = undefined;
    this.#machine.kill();
    this.disk.abandoned();
  }

  /** It loses power. */
  crash(chance: SeededRandom): void {
    this.kill();
    this.disk.crash(chance);
  }
}

/** How much each look at the clock takes, so that long work comes to the end of its time slice here too. */
const lookMs = 1;

/** A machine's own idea of time: its wall clock may be wrong, and run at another pace. */
export class MachineClock implements Clock, Timers {
  /** The latest that it ever said, before everything was put in order. */
  latestMs = 0;
  isInOrder = false;
  readonly #time: VirtualTime;
  #aheadMs = 0;
  #drift = 0;
  #driftsSinceMs = 0;
  #monotonicMs = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  nowMs(): number {
    const nowMs = Math.floor(this.#time.nowMs() + this.aheadMs);
    if (!this.isInOrder) this.latestMs = Math.max(this.latestMs, nowMs);
    return nowMs;
  }

  /** By how much it is ahead of the true time. */
  get aheadMs(): number {
    return this.#aheadMs + this.#drift * (this.#time.monotonicMs() - this.#driftsSinceMs);
  }

  /** The clock jumps. */
  set aheadMs(ms: number) {
    this.#aheadMs = ms;
    this.#driftsSinceMs = this.#time.monotonicMs();
  }

  /** How much faster it runs than time does. */
  set partsPerMillion(parts: number) {
    const { aheadMs } = this;
    this.aheadMs = aheadMs;
    this.#drift = parts / 1_000_000;
  }

  monotonicMs(): number {
    this.#monotonicMs = Math.max(this.#monotonicMs + lookMs, this.#time.monotonicMs());
    return this.#monotonicMs;
  }

  after(delayMs: number, task: () => void): Cancel {
    return this.#time.after(delayMs, task);
  }

  yield(): Promise<void> {
    return this.#time.yield();
  }
}
