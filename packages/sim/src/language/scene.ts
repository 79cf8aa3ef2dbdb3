import { displayUtf8, idKey, utf8 } from '@lattice/model';
import type { Assault, Forgery, Nuisance } from '../adversary/assault.js';
import { recordsOf } from '../disk/read-logs.js';
import type { WeatherReport } from '../network/weather.js';
import { type Outcome, runScene } from '../search/run.js';
import { perform } from '../world/perform.js';
import type { Step } from '../world/step.js';
import { meshOf, storeOf, type World } from '../world/world.js';

type Handing = Omit<Extract<Assault, { readonly do: 'hand' }>, 'do' | 'by' | 'batch' | 'to'>;

export interface SceneOutcome extends Outcome {
  /** What was done: a story that can be saved. */
  readonly steps: readonly Step[];
}

/** What a story is told with. Each call is a step; it returns when what it began is over, and fails where that was refused. */
export interface Scene {
  readonly mesh: {
    /** Starts the machines; the first makes the mesh, the others join it, one after the other. */
    of(first: string, ...others: readonly string[]): Promise<void>;
    node(name: string): SceneNode;
    /** Somebody who has a node's key, and what is on its disk by now. */
    thief(name: string, of: string): Promise<SceneThief>;
  };
  readonly net: {
    partition(...groups: readonly (readonly string[])[]): Promise<void>;
    cut(from: string, to: string): Promise<void>;
    heal(): Promise<void>;
    weather(report: WeatherReport): Promise<void>;
    losePushes(percent: number): Promise<void>;
  };
  readonly clock: {
    skew(node: string, ms: number): Promise<void>;
    drift(node: string, partsPerMillion: number): Promise<void>;
  };
  readonly pass: (ms: number) => Promise<void>;
}

/** A machine and its node. */
export interface SceneNode {
  start(): Promise<void>;
  stop(): Promise<void>;
  kill(): Promise<void>;
  crash(): Promise<void>;
  put(key: string, value: string, store?: string): Promise<void>;
  /** Begins it, and does not wait. */
  putSoon(key: string, value: string, store?: string): Promise<void>;
  createStore(store: string, type?: 'kv' | 'log'): Promise<void>;
  invite(invite: string, lastsMs?: number): Promise<void>;
  join(invite: string): Promise<void>;
  /** Begins it, and does not wait. */
  joinSoon(invite: string): Promise<void>;
  revoke(whom: string): Promise<void>;
  repairClock(): Promise<void>;
  clone(as: string): Promise<void>;
  snapshot(image: string): Promise<void>;
  restore(image: string): Promise<void>;
  /** The winner's value. */
  get(key: string, store?: string): string | undefined;
  /** The values of all heads, sorted. */
  heads(key: string, store?: string): readonly string[];
  /** How many entries it keeps of a store. */
  entries(store?: string): number;
  /** Whose history has parted in a store, as far as it knows: sorted. */
  forks(store?: string): readonly string[];
  /** Of all its logs. */
  logBytes(): Promise<number>;
  /** Whom it holds for members, sorted. */
  members(): readonly string[];
}

/** Somebody with a stolen key. What it does begins, and is not waited for. */
export interface SceneThief {
  /** Learns what is on its victim's disk by now. */
  learn(): Promise<void>;
  /** Makes entries; two in a row by its own chain's tip that name the heads that it knows, if not said otherwise. */
  forge(batch: string, how?: Partial<Omit<Forgery, 'do' | 'by' | 'batch'>>): Promise<void>;
  hand(batch: string, to: string, how?: Partial<Handing>): Promise<void>;
  pester(to: string, how: Nuisance): Promise<void>;
}

/** So long may something take that was begun. */
const doneWithinMs = 120_000;

/**
 * Tells a story while it happens; then everything is put in order and looked at, as after any story.
 *
 * @example
 * const { findings } = await tell(1, async ({ mesh, net }) => {
 *   await mesh.of('a', 'b', 'c');
 *   await net.partition(['a', 'b'], ['c']);
 *   await mesh.node('a').put('key', 'value');
 * });
 */
export async function tell(seed: number, story: (scene: Scene) => Promise<void>): Promise<SceneOutcome> {
  const steps: Step[] = [];
  const outcome = await runScene(seed, (world) => story(sceneOf(world, steps)));
  return { ...outcome, steps };
}

export function seconds(count: number): number {
  return count * 1_000;
}

export function hours(count: number): number {
  return count * 3_600_000;
}

export function days(count: number): number {
  return 24 * hours(count);
}

const plainForgery = {
  do: 'forge',
  store: 'main',
  from: 'tip',
  branches: 1,
  entries: 2,
  dated: 'now',
  names: 'heads',
  says: { kind: 'puts' },
} as const;

function sceneOf(world: World, steps: Step[]): Scene {
  const begin = async (step: Step) => {
    steps.push(step);
    const not = await perform(world, step);
    if (not !== undefined) throw new Error(`${step.do}: ${not}`);
  };
  const finish = async (name: string) => {
    const machine = world.machine(name);
    for (let ms = 0; world.isBusy(machine); ms += 10) {
      if (ms > doneWithinMs) throw new Error(`${name} is not done within ${doneWithinMs} ms`);
      await begin({ do: 'pass', ms: 10 });
    }
    if (machine.lastOutcome !== 'done') throw new Error(`${name} was refused: ${machine.lastOutcome}`);
  };
  const node = (name: string) => nodeOf(world, name, begin, () => finish(name));
  return {
    mesh: {
      of: async (first, ...others) => {
        for (const name of [first, ...others]) await node(name).start();
        await begin({ do: 'found', node: first });
        await finish(first);
        for (const other of others) {
          await node(first).invite(`for ${other}`);
          await node(other).join(`for ${other}`);
        }
        await begin({ do: 'pass', ms: 1_000 });
      },
      node,
      thief: async (by, of) => {
        const learn = () => begin({ do: 'steal', node: of, as: by });
        await learn();
        return {
          learn,
          forge: (batch, how = {}) => begin({ ...plainForgery, by, batch, ...how }),
          hand: (batch, to, how = {}) => begin({ do: 'hand', by, batch, to, how: 'push', ...how }),
          pester: (to, how) => begin({ do: 'pester', by, to, how }),
        };
      },
    },
    net: {
      partition: (...groups) => begin({ do: 'partition', groups }),
      cut: (from, to) => begin({ do: 'cut', from, to }),
      heal: () => begin({ do: 'heal' }),
      weather: (report) => begin({ do: 'weather', ...report }),
      losePushes: (percent) => begin({ do: 'losePushes', percent }),
    },
    clock: {
      skew: (name, ms) => begin({ do: 'skew', node: name, ms }),
      drift: (name, partsPerMillion) => begin({ do: 'drift', node: name, partsPerMillion }),
    },
    pass: (ms) => begin({ do: 'pass', ms }),
  };
}

function nodeOf(
  world: World,
  name: string,
  begin: (step: Step) => Promise<void>,
  finish: () => Promise<void>,
): SceneNode {
  const whole = async (step: Step) => {
    await begin(step);
    await finish();
  };
  const node = name;
  const kv = (store: string) => {
    const found = storeOf(world.machine(name).node, store);
    if (!found) throw new Error(`${name} has no store "${store}"`);
    return found.kv();
  };
  const statusOf = (store: string) => {
    const found = storeOf(world.machine(name).node, store);
    if (!found) throw new Error(`${name} has no store "${store}"`);
    return found.status();
  };
  return {
    start: () => whole({ do: 'start', node }),
    stop: () => begin({ do: 'stop', node }),
    kill: () => begin({ do: 'kill', node }),
    crash: () => begin({ do: 'crash', node }),
    put: (key, value, store = 'main') => whole({ do: 'put', node, store, key, value }),
    putSoon: (key, value, store = 'main') => begin({ do: 'put', node, store, key, value }),
    createStore: (store, type = 'kv') => whole({ do: 'createStore', node, store, type }),
    invite: (invite, lastsMs) =>
      whole({ do: 'invite', node, invite, ...(lastsMs === undefined ? {} : { lastsMs }) }),
    join: (invite) => whole({ do: 'join', node, invite }),
    joinSoon: (invite) => begin({ do: 'join', node, invite }),
    revoke: (whom) => whole({ do: 'revoke', node, whom }),
    repairClock: () => whole({ do: 'repairClock', node }),
    clone: (as) => begin({ do: 'clone', node, as }),
    snapshot: (image) => begin({ do: 'snapshot', node, image }),
    restore: (image) => begin({ do: 'restore', node, image }),
    get: (key, store = 'main') => {
      const item = kv(store).get(utf8(key));
      return item && displayUtf8(item.value);
    },
    heads: (key, store = 'main') =>
      kv(store)
        .heads(utf8(key))
        .map(({ value }) => (value ? displayUtf8(value) : 'deleted'))
        .sort(),
    entries: (store = 'main') => statusOf(store).entries,
    forks: (store = 'main') =>
      statusOf(store)
        .forks.map(({ author }) => world.nameOf(author))
        .sort(),
    logBytes: async () => {
      const { disk } = world.machine(name);
      const records = await Promise.all([...disk.files.keys()].map((uuid) => recordsOf(disk, uuid)));
      return records.flat().reduce((sum, { bytes }) => sum + bytes.length, 0);
    },
    members: () => {
      const peers = meshOf(world.machine(name).node)?.peers() ?? [];
      const members = new Set(
        peers.filter(({ status }) => status === 'member').map(({ nodeId }) => idKey(nodeId)),
      );
      return [...world.machines.values()]
        .filter(({ nodeId, twinOf }) => twinOf === undefined && members.has(idKey(nodeId)))
        .map((machine) => machine.name)
        .sort();
    },
  };
}
