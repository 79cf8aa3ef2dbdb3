import {
  assert,
  type Admission,
  type Bundle,
  equalBytes,
  type EntryRef,
  type Hash,
  type Hlc,
  hlcMax,
  hlcNext,
  hlcZero,
  idKey,
  type IdKey,
  type LocalRef,
  type NodeId,
} from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import { Causality } from './causality.js';
import type { Chain, Place } from './chain-table.js';
import { Counting } from './counting.js';
import { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';
import { Keeping } from './keeping.js';
import { Replacements } from './replacements.js';

/** What adding one entry did. */
export interface Added {
  readonly record: EntryRecord;
  /** Whether it began a second (third ...) branch of its author. */
  readonly forked: boolean;
  /** Whether an entry that is here may be replaced by it, which was applied before. */
  readonly replaces: boolean;
}

/** The entries that are in the DAG, what each one sees, whether it counts, and what is kept. */
export class Dag {
  readonly index: DagIndex;
  readonly causality: Causality;
  readonly keeping: Keeping;
  readonly replacements: Replacements;
  readonly #replaces: boolean;
  #counting: Counting;
  #nextRef: LocalRef;

  /** `replaces`: whether entries may be issued again, in the originals' stead (not in the mesh store). */
  constructor(kv: OrderedKv, admission: Admission, nextRef: LocalRef, replaces: boolean) {
    this.index = new DagIndex(kv);
    this.replacements = new Replacements(kv.table('instead'), this.index);
    this.#replaces = replaces;
    this.causality = new Causality(this.index);
    this.keeping = new Keeping(this.index);
    this.#counting = new Counting(admission, this.index, this.causality);
    this.#nextRef = nextRef;
  }

  get nextRef(): LocalRef {
    return this.#nextRef;
  }

  get counting(): Counting {
    return this.#counting;
  }

  /** From here on entries are counted under another admission; those that are here already are the caller's to recount. */
  setAdmission(admission: Admission): void {
    this.#counting = new Counting(admission, this.index, this.causality);
  }

  /** Adds one entry of a bundle whose ancestors are all here; inside a transaction. `offset`: the bundle's in the log. */
  add(bundle: Bundle, index: number, offset: number): Added {
    const entry = bundle.entries[index];
    const hash = bundle.hashes[index];
    assert(entry && hash, "a bundle's arrays are in step");
    const previous = entry.seq > 1 ? this.#present(entry.author, entry.seq - 1, entry.prev) : undefined;
    const deps = entry.deps.map((dep) => this.#present(dep.author, dep.seq, dep.hash));
    const named = previous ? [previous, ...deps] : deps;

    const ref = this.#nextRef;
    const time = timeOf(entry.hlc, named);
    const { chain, forked } = this.#chainFor(entry.author, entry.seq, previous, hash, time, ref);
    const seesUpTo = this.causality.seesUpTo(ref, named);
    this.causality.added(ref, named);
    const { seq, hlc } = entry;
    const record = {
      ref,
      chain: chain.number,
      seq,
      hash,
      hlc,
      time,
      seesUpTo,
      offset,
      index,
      counted: false,
      replaced: false,
      again: entry.instead !== undefined,
    };
    this.index.link(record, chain, deps);
    record.counted = this.#counting.counts(record);
    record.replaced = this.#isReplaced(record);
    this.index.put(record);
    if (entry.instead) this.replacements.add(record, entry.instead);
    const replaces = entry.instead !== undefined && record.counted && this.#replaces;
    if (record.counted) this.keeping.keepAdded(record, previous, deps);
    this.#nextRef = (ref + 1) as LocalRef;
    return { record, forked, replaces: replaces && this.replacements.mayConcern(record) };
  }

  /** Whether all that a bundle says, which need not be here, is here, or was said again by its author. */
  saysAgain({ entries, hashes }: Bundle): boolean {
    return entries.every((entry, i) => {
      const hash = hashes[i];
      if (!hash) return false;
      const isHere = this.index.findAt(entry.author, entry.seq, hash) !== undefined;
      return isHere || this.replacements.saysAgain(entry, hash);
    });
  }

  /** The same entry, as it counts and is replaced now. */
  counted(record: EntryRecord): EntryRecord {
    return { ...record, counted: this.#counting.counts(record), replaced: this.#isReplaced(record) };
  }

  #isReplaced(record: EntryRecord): boolean {
    return this.#replaces && this.replacements.isReplaced(record, (entry) => this.#counting.counts(entry));
  }

  /** Writes the chains that a bundle touched through to their table; inside the same transaction. */
  save(touched: Iterable<number>): void {
    const chains = new Set<Chain>(this.keeping.takeChanged());
    for (const number of touched) chains.add(this.index.chains.at(number));
    for (const chain of chains) this.index.chains.save(chain);
  }

  /** Keeps those of the entries that the rules name which are here. */
  keepNamed(): void {
    for (const named of this.#counting.admission.alsoKept()) {
      const place = this.index.find(named);
      if (place) this.keeping.keep(place);
    }
  }

  /** The latest time of the chains that are kept at all. O(chains). */
  latestTime(): Hlc {
    let latest = hlcZero;
    for (const { firstSeq, keptSeq, tipTime } of this.index.chains)
      if (keptSeq >= firstSeq) latest = hlcMax(latest, tipTime);
    return latest;
  }

  /** The same, but for the chains of that author, and for those that their authors left as dated wrongly. O(chains). */
  latestTimeOfOthers(self: NodeId): Hlc {
    let latest = hlcZero;
    for (const chain of this.index.chains) {
      const { author, firstSeq, keptSeq, tipTime } = chain;
      if (keptSeq < firstSeq || tipTime <= latest || equalBytes(author, self)) continue;
      if (!this.replacements.isLeft(chain)) latest = tipTime;
    }
    return latest;
  }

  /** The latest time, not beyond the horizon, of what is kept. O(chains). */
  latestWithin(horizon: Hlc): Hlc {
    let latest = hlcZero;
    for (const chain of this.index.chains) latest = hlcMax(latest, this.#latestOf(chain, horizon));
    return latest;
  }

  /** Whether this is an entry that the rules name and that was missing until now, so that others may count for it. */
  isAwaited(entry: EntryRef): boolean {
    return this.#counting.awaits(entry);
  }

  /** How many branches each author that forked has. */
  forks(): ReadonlyMap<IdKey, number> {
    const forks = new Map<IdKey, number>();
    for (const chain of this.index.chains) {
      const branches = this.index.chains.of(chain.author).length;
      if (branches > 1) forks.set(idKey(chain.author), branches);
    }
    return forks;
  }

  /** Along a chain times grow: the entries beyond the horizon, if any, are its last ones. */
  #latestOf({ number, firstSeq, keptSeq, tipSeq, tipTime }: Chain, horizon: Hlc): Hlc {
    const timeAt = (seq: number): Hlc => this.index.entry(this.index.refAt({ chain: number, seq })).time;
    if (keptSeq < firstSeq) return hlcZero;
    const last = keptSeq === tipSeq ? tipTime : timeAt(keptSeq);
    if (last <= horizon) return last;
    let [within, beyond] = [firstSeq - 1, keptSeq];
    while (within + 1 < beyond) {
      const middle = Math.floor((within + beyond) / 2);
      if (timeAt(middle) <= horizon) within = middle;
      else beyond = middle;
    }
    return within < firstSeq ? hlcZero : timeAt(within);
  }

  #present(author: NodeId, seq: number, hash: Hash): EntryRecord {
    const record = this.index.recordOf(author, seq, hash);
    assert(record, 'a bundle enters the DAG after its ancestors');
    return record;
  }

  #chainFor(
    author: EntryRef['author'],
    seq: number,
    previous: Place | undefined,
    hash: Hash,
    time: Hlc,
    ref: LocalRef,
  ): { chain: Chain; forked: boolean } {
    const before = previous && this.index.chains.at(previous.chain);
    if (before && before.tipSeq === seq - 1) return { chain: before, forked: false };
    const forked = this.index.chains.of(author).length > 0;
    return { chain: this.index.chains.begin(author, seq, previous?.chain, hash, time, ref), forked };
  }
}

function timeOf(hlc: Hlc, named: readonly EntryRecord[]): Hlc {
  let time = hlcMax(hlc, hlcNext(hlcZero));
  for (const before of named) time = hlcMax(time, hlcNext(before.time));
  return time;
}
