import {
  assert,
  type Bundle,
  type Entry,
  type EntryRef,
  equalBytes,
  HashMap,
  type Hlc,
  hlcMax,
  hlcNext,
  hlcZero,
  type NodeId,
  type Steps,
  type StoreId,
} from '@lattice/model';
import type { DagIndex } from './dag-index.js';

/** What a bundle would add to the DAG as it stands. */
export type Placing =
  /** `fresh` are the indexes of the entries that are not here yet, all that they name being; `latest` their latest time. */
  | { readonly kind: 'ready'; readonly fresh: readonly number[]; readonly latest: Hlc }
  | { readonly kind: 'known' }
  | { readonly kind: 'missing'; readonly ancestor: EntryRef }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Finds out which of a bundle's entries are new, and whether their ancestors are here or in the bundle before them. `self`:
 * this node, whose own entries it never holds. In steps, each an entry, between which nothing must be added to the DAG.
 */
export function* placing(bundle: Bundle, index: DagIndex, genesis: StoreId, self?: NodeId): Steps<Placing> {
  const placed = new HashMap<PlacedEntry>();
  const fresh: number[] = [];
  let latest = hlcZero;
  for (const [i, entry] of bundle.entries.entries()) {
    if (i > 0) yield;
    const hash = bundle.hashes[i];
    assert(hash, "a bundle's arrays are in step");
    if (entry.seq === 1 && !equalBytes(entry.prev, genesis))
      return refused('a chain begins at the genesis of another store');
    if (placed.has(hash)) return refused('the same entry is there twice');
    if (index.findAt(entry.author, entry.seq, hash)) continue;
    const time = timeOf(entry, index, placed);
    if (typeof time !== 'bigint') return { kind: 'missing', ancestor: time };
    placed.set(hash, { entry, time });
    fresh.push(i);
    if (!self || !equalBytes(entry.author, self)) latest = hlcMax(latest, time);
  }
  return fresh.length === 0 ? { kind: 'known' } : { kind: 'ready', fresh, latest };
}

/** The entry before this one on its chain; `undefined` for a chain's first, which the genesis precedes. */
function predecessorOf(entry: Entry): EntryRef | undefined {
  return entry.seq === 1 ? undefined : { author: entry.author, seq: entry.seq - 1, hash: entry.prev };
}

interface PlacedEntry {
  readonly entry: Entry;
  readonly time: Hlc;
}

/** The entry's time (the genesis has time 0), or the first of the entries that it names which is not to be found. */
function timeOf(entry: Entry, index: DagIndex, placed: HashMap<PlacedEntry>): Hlc | EntryRef {
  const predecessor = predecessorOf(entry);
  let time = hlcMax(entry.hlc, hlcNext(hlcZero));
  for (const named of predecessor ? [predecessor, ...entry.deps] : entry.deps) {
    const known = timeInBundle(named, placed) ?? timeInDag(named, index);
    if (known === undefined) return named;
    time = hlcMax(time, hlcNext(known));
  }
  return time;
}

function timeInBundle(named: EntryRef, placed: HashMap<PlacedEntry>): Hlc | undefined {
  const found = placed.get(named.hash);
  const matches = found && found.entry.seq === named.seq && equalBytes(found.entry.author, named.author);
  return matches ? found.time : undefined;
}

function timeInDag(named: EntryRef, index: DagIndex): Hlc | undefined {
  return index.recordOf(named.author, named.seq, named.hash)?.time;
}

function refused(reason: string): Placing {
  return { kind: 'refused', reason };
}
