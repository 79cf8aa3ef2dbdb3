import type { Assault } from '../adversary/assault.js';
import type { WeatherReport } from '../network/weather.js';

/** One key or value as a run writes it: text, so that a saved story can be read. */
type Text = string;

/** What somebody does with a node. Acts begin here; they are over when time has passed. */
type Deed =
  | { readonly do: 'found'; readonly node: string }
  | { readonly do: 'invite'; readonly node: string; readonly invite: string; readonly lastsMs?: number }
  | { readonly do: 'join'; readonly node: string; readonly invite: string }
  | { readonly do: 'revoke'; readonly node: string; readonly whom: string }
  | { readonly do: 'createStore'; readonly node: string; readonly store: string; readonly type: 'kv' | 'log' }
  | {
      readonly do: 'put';
      readonly node: string;
      readonly store: string;
      readonly key: Text;
      readonly value: Text;
    }
  | { readonly do: 'delete'; readonly node: string; readonly store: string; readonly key: Text }
  | {
      /** All or none: a value each, `null` for a deletion. */
      readonly do: 'batch';
      readonly node: string;
      readonly store: string;
      readonly writes: Readonly<Record<Text, Text | null>>;
    }
  | { readonly do: 'append'; readonly node: string; readonly store: string; readonly value: Text }
  | { readonly do: 'renameStore'; readonly node: string; readonly store: string; readonly name: string }
  | { readonly do: 'deleteStore'; readonly node: string; readonly store: string }
  | { readonly do: 'nameNode'; readonly node: string; readonly name: string }
  /** The mesh, for good; by force it waits for nobody. */
  | { readonly do: 'leave'; readonly node: string; readonly force: boolean }
  | { readonly do: 'sync'; readonly node: string }
  /** What was dated ahead by a wrong clock is issued again. */
  | { readonly do: 'repairClock'; readonly node: string }
  /** Goes on for good without what was damaged of it, and nobody has; of the mesh's own store, where none is named. */
  | { readonly do: 'acceptLoss'; readonly node: string; readonly store?: string };

/** What happens to a machine. */
type Event =
  | { readonly do: 'start' | 'stop' | 'kill' | 'crash'; readonly node: string }
  /** At that operation of its disk, counted from 1, which is then not carried out. */
  | {
      readonly do: 'endAt';
      readonly node: string;
      readonly operation: number;
      readonly how: 'kill' | 'crash';
    }
  /** To another network, where it has an address that nobody knows yet; or back to its first one. */
  | { readonly do: 'move'; readonly node: string; readonly home?: boolean }
  | { readonly do: 'skew'; readonly node: string; readonly ms: number }
  | { readonly do: 'drift'; readonly node: string; readonly partsPerMillion: number }
  | { readonly do: 'fullDisk' | 'diskRelents' | 'failSync'; readonly node: string }
  | { readonly do: 'slowDisk'; readonly node: string; readonly ms: number }
  /** Damages a record in the middle of a log, of a machine whose node does not run. */
  | { readonly do: 'damage'; readonly node: string }
  | { readonly do: 'snapshot' | 'restore'; readonly node: string; readonly image: string }
  /** A second machine, with a copy of the first one's disk, while no node runs on that. */
  | { readonly do: 'clone'; readonly node: string; readonly as: string };

/** What happens on the network. */
type Disturbance =
  | { readonly do: 'partition'; readonly groups: readonly (readonly string[])[] }
  | { readonly do: 'cut'; readonly from: string; readonly to: string }
  | { readonly do: 'heal' }
  | { readonly do: 'reset'; readonly a: string; readonly b: string }
  | ({ readonly do: 'weather' } & WeatherReport)
  /** Of what is pushed when it is written; a sync brings it later. */
  | { readonly do: 'losePushes'; readonly percent: number };

/** One small thing that happens in a run. A run is a list of them, as data: it can be saved, replayed and shortened. */
export type Step = Deed | Event | Disturbance | Assault | { readonly do: 'pass'; readonly ms: number };

export type StepOf<Kind extends Step['do']> = Step extends infer One
  ? One extends { readonly do: infer Kinds }
    ? Kind extends Kinds
      ? One
      : never
    : never
  : never;

/** One line for people. */
export function stepText({ do: kind, ...fields }: Step): string {
  const words = Object.entries(fields).map(([name, value]) =>
    name === 'node' ? String(value) : `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [kind, ...words].join(' ');
}
