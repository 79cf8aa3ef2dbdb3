import {
  allAtOnce,
  type Entry,
  equalBytes,
  type Hash,
  type Hlc,
  hlcMax,
  hlcNext,
  hlcZero,
  type IdKey,
  idKey,
  type NodeId,
  TimeSlice,
} from '@lattice/model';
import type { DagIndex } from './dag-index.js';
import type { ReplicaCore } from './replica-core.js';

/** What the log has that is not in the DAG, since it goes on from what was lost. */
export interface LeftBehind {
  /** How many entries that is, each counted once. */
  readonly entries: number;
  /** Those of the author asked for, each behind what it goes on from. */
  readonly own: readonly OwnLeft[];
}

/** Where in the log an entry is: its fields are read again when it comes to it, as there may be a million. */
export interface OwnLeft {
  readonly offset: number;
  readonly index: number;
  /** The earliest that its time can be, by what is here of what it goes on from. */
  readonly time: Hlc;
  /** Whether another of these issues it again. */
  readonly isReplaced: boolean;
}

/** Reads what waits in the log for want of something that is lost. */
export async function leftBehind(core: ReplicaCore, author: NodeId): Promise<LeftBehind> {
  const reading = new Reading(core.state.dag.index, author);
  if (!core.waiting.hasLogged) return reading.result();
  const slice = new TimeSlice(core.options.timers);
  for (const item of core.reader.scan(core.waiting.replayFrom(core.reader.end))) {
    await slice.rest();
    const bundle = allAtOnce(core.reader.decoding(item));
    bundle?.entries.forEach((entry, at) => {
      const hash = bundle.hashes[at];
      if (hash) reading.take(entry, hash, { offset: item.offset, index: at });
    });
  }
  return reading.result();
}

class Reading {
  readonly #index: DagIndex;
  readonly #author: NodeId;
  readonly #hashes = new Set<IdKey>();
  readonly #own: (Omit<OwnLeft, 'isReplaced'> & { readonly key: IdKey })[] = [];
  /** What own entries among them issue again. */
  readonly #replaced = new Set<IdKey>();
  /** The times of the last own entries until now, one for each branch. */
  readonly #tips = new Map<IdKey, Hlc>();

  constructor(index: DagIndex, author: NodeId) {
    this.#index = index;
    this.#author = author;
  }

  take(entry: Entry, hash: Hash, place: Pick<OwnLeft, 'offset' | 'index'>): void {
    const { author, seq, prev, instead } = entry;
    const key = idKey(hash);
    // The log may have it twice.
    if (this.#hashes.has(key) || this.#index.findAt(author, seq, hash)) return;
    this.#hashes.add(key);
    if (!equalBytes(author, this.#author)) return;
    const time = this.#timeOf(entry);
    this.#tips.delete(idKey(prev));
    this.#tips.set(key, time);
    this.#own.push({ ...place, time, key });
    if (instead) this.#replaced.add(idKey(instead));
  }

  /** In order of time, and else as the log has them: what was fetched again after other damage lies behind what follows it. */
  result(): LeftBehind {
    const own = this.#own.map(({ key, ...left }) => ({ ...left, isReplaced: this.#replaced.has(key) }));
    own.sort((a, b) => (a.time < b.time ? -1 : a.time > b.time ? 1 : 0));
    return { entries: this.#hashes.size, own };
  }

  #timeOf({ author, seq, prev, hlc, deps }: Entry): Hlc {
    let time = hlcMax(hlc, hlcNext(this.#tips.get(idKey(prev)) ?? hlcZero));
    for (const named of [{ author, seq: seq - 1, hash: prev }, ...deps]) {
      const before = this.#index.recordOf(named.author, named.seq, named.hash);
      if (before) time = hlcMax(time, hlcNext(before.time));
    }
    return time;
  }
}
