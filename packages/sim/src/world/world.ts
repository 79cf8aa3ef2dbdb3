import { idKey, LatticeError, type LogLevel, type NodeId, toHex } from '@lattice/model';
import type { Mesh, Node, NodeEvent, Store } from '@lattice/node';
import { isPush, MemoryNetwork, VirtualTime } from '@lattice/testkit';
import type { Thief } from '../adversary/thief.js';
import { Chance, percent } from '../core/chance.js';
import { Trace } from '../core/trace.js';
import type { DiskImage } from '../disk/copy.js';
import { Weather } from '../network/weather.js';
import { SimMachine } from './machine.js';

/** A write that somebody was told is durable. */
export interface Acknowledged {
  readonly store: string;
  readonly machine: string;
  readonly entry: string;
  readonly atMs: number;
}

/** Something that was begun on a machine, and takes time. */
interface Act {
  readonly machine: SimMachine;
}

/** All that there is in a run: machines with real nodes on them, a network, time, and what is known of what happened. */
export class World {
  readonly chance: Chance;
  /** Some day at which no clock counts as one that was never set. */
  readonly time = new VirtualTime({ nowMs: Date.UTC(2026, 6, 1) });
  readonly trace: Trace;
  readonly network: MemoryNetwork;
  readonly weather: Weather;
  readonly machines = new Map<string, SimMachine>();
  readonly tokens = new Map<string, string>();
  readonly images = new Map<string, DiskImage>();
  readonly acknowledged: Acknowledged[] = [];
  /** Entries, in hexadecimal, that went with the only disk that had them, as it was put back to an earlier state. */
  readonly forgone = new Set<string>();
  /** Who has a key that is another's. */
  readonly thieves = new Map<string, Thief>();
  /** Entries that thieves made, or said there were: in hexadecimal. */
  readonly forged = new Set<string>();
  /** Entries, in hexadecimal, that somebody had who left: the data of the mesh was removed there. */
  readonly tookAway = new Set<string>();
  /** Entries, in hexadecimal, that nobody else had as somebody left by force who had them. */
  readonly lostByForce = new Set<string>();
  /** The UUIDs of stores that are there again: who deleted them freed what it had of them, and forgot that it did. */
  readonly undeleted = new Set<string>();
  /** Whether some clock was ahead by more than others take: somebody may then have been let in at a time that is yet to come. */
  hadClocksAhead = false;
  /** What went wrong so far. */
  readonly complaints: string[] = [];
  /** How often each kind of thing happened. */
  readonly counts = new Map<string, number>();
  /** By the true clock. */
  inOrderSinceMs = Infinity;
  pushLossPercent = 0;
  readonly #acts = new Set<Act>();
  #addresses = 0;

  constructor(seed: number) {
    this.chance = new Chance(seed);
    this.trace = new Trace(() => this.time.monotonicMs());
    this.weather = new Weather(this.chance.stream('weather'), this.time);
    this.network = new MemoryNetwork({
      timers: this.time,
      delay: (from, to, bytes) => this.weather.delayMs(from, to, bytes),
    });
  }

  /** The machine of that name, which is there as soon as it is asked for. */
  machine(name: string): SimMachine {
    return this.machines.get(name) ?? this.addMachine(name);
  }

  addMachine(name: string, identity?: Uint8Array): SimMachine {
    const { time, network } = this;
    const machine = new SimMachine({
      name,
      time,
      network,
      random: this.chance.stream(`keys of ${name}`),
      chance: this.chance.stream(`disk of ${name}`),
      logger: { log: (level, message, fields) => this.#noteLog(name, level, message, fields) },
      address: this.freshAddress(),
      ...(identity && { identity }),
      taps: {
        isLost: (_, bytes) => this.#isPushLost(bytes),
        onReceived: () => undefined,
        untilReading: () => Promise.resolve(),
      },
    });
    this.machines.set(name, machine);
    return machine;
  }

  freshAddress(): string {
    return `memory:${++this.#addresses}`;
  }

  nameOf(node: NodeId): string {
    const named = [...this.machines.values()].find(({ nodeId }) => idKey(nodeId) === idKey(node));
    return named?.name ?? toHex(node).slice(0, 8);
  }

  /** Begins something; what comes of it is noted. Refusals other than those are complaints. */
  begin<T>(
    machine: SimMachine,
    what: string,
    work: () => Promise<T>,
    { may = [], done }: { readonly may?: readonly string[]; readonly done?: (result: T) => void } = {},
  ): void {
    const act: Act = { machine };
    this.#acts.add(act);
    const end = (outcome: string) => {
      if (!this.#acts.delete(act)) return;
      machine.lastOutcome = outcome;
      this.note(`  ${machine.name}: ${what}: ${outcome}`);
    };
    const begun = work();
    const finish = async () => {
      try {
        const result = await begun;
        if (this.#acts.has(act)) done?.(result);
        end('done');
      } catch (error) {
        const code = codeOf(error);
        if (this.#acts.has(act) && !this.#isExpected(machine, code, may))
          this.complain(`${machine.name}: ${what} failed: ${textOf(error)}`);
        end(code);
      }
    };
    void finish();
  }

  /** Whether something that was begun on that machine is not over. */
  isBusy(machine: SimMachine): boolean {
    return [...this.#acts].some((act) => act.machine === machine);
  }

  /** Whoever waited for something on that machine waits no more: its process is gone. */
  dropActs(machine: SimMachine): void {
    for (const act of this.#acts) if (act.machine === machine) this.#acts.delete(act);
  }

  /** Whether somebody else has that node's key, too. */
  isStolen(key: string): boolean {
    return [...this.thieves.values()].some(({ nodeId }) => idKey(nodeId) === key);
  }

  onOpen(machine: SimMachine, node: Node): void {
    node.subscribe((event) => this.note(`  ${machine.name} tells: ${eventText(event, this)}`));
  }

  note(what: string): void {
    this.trace.note(what);
  }

  count(what: string, times = 1): void {
    this.counts.set(what, (this.counts.get(what) ?? 0) + times);
  }

  complain(what: string): void {
    this.complaints.push(what);
    this.note(`WRONG: ${what}`);
  }

  #isExpected(machine: SimMachine, code: string, may: readonly string[]): boolean {
    if (may.includes(code)) return true;
    if (machine.hadDiskTrouble && (code === 'disk-full' || code === 'disk-failed')) return true;
    if (code === 'clock-behind') return machine.wasSetBack || this.hadClocksAhead;
    return machine.wasDamaged && (code === 'store-damaged' || code === 'log-damaged');
  }

  #isPushLost(bytes: Uint8Array): boolean {
    if (this.pushLossPercent === 0 || !isPush(bytes)) return false;
    const isLost = percent(this.chance.stream('pushes'), this.pushLossPercent);
    if (isLost) this.count('pushes lost');
    return isLost;
  }

  #noteLog(name: string, level: LogLevel, message: string, fields: object = {}): void {
    if (level === 'debug') return;
    const shown = Object.entries(fields).map(([key, value]) => `${key}=${String(value).slice(0, 60)}`);
    this.note(`  ${name} logs: ${level}: ${message} ${shown.join(' ')}`);
    if (message === blame && !this.isStolen(String((fields as { readonly peer?: unknown }).peer)))
      this.complain(`${name} blames one who did nothing wrong: ${shown.join(' ')}`);
  }
}

/** What a node logs of a peer that it takes for broken or hostile. */
const blame = 'a peer broke the protocol';

/** The mesh that a node is in, as far as it is in one. */
export function meshOf(node: Node | undefined): Mesh | undefined {
  return node?.meshes()[0];
}

/** A store of that name, of the first mesh. */
export function storeOf(node: Node | undefined, name: string): Store | undefined {
  return meshOf(node)
    ?.stores()
    .find((store) => store.name === name);
}

function codeOf(error: unknown): string {
  return error instanceof LatticeError ? error.code : 'unexpected';
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

function eventText(event: NodeEvent, world: World): string {
  switch (event.kind) {
    case 'peer-online':
    case 'peer-offline':
    case 'member-joined':
    case 'member-revoked':
    case 'member-left':
      return `${event.kind} ${world.nameOf(event.peer)}`;
    case 'store-created':
    case 'store-renamed':
    case 'store-deleted':
      return `${event.kind} ${event.name}`;
    case 'store-changed':
      return `${event.kind} ${toHex(event.store).slice(0, 6)} by ${event.entries}`;
    case 'fork-seen':
      return `${event.kind} of ${world.nameOf(event.author)}`;
    case 'conflict-seen':
      return `${event.kind} of ${event.count} keys`;
    case 'warning':
      return `${event.level}: ${event.message}`;
  }
}
