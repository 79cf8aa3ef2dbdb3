import { type KeyPair, sign } from '@lattice/crypto';
import { digestOf, hashEntry, storeIdOf } from '@lattice/kernel';
import {
  compareEntryRefs,
  type Entry,
  type EntryRef,
  equalBytes,
  type Genesis,
  type Hash,
  type Hlc,
  hlcMax,
  hlcNext,
  hlcZero,
  type IdKey,
  idKey,
  type NodeId,
  type Signature,
  type StoreId,
} from '@lattice/model';

/** A real, signed entry that also knows its causal past outright. */
export interface HistoryEntry {
  /** Place in its history, from 0; ancestors have smaller ones. The number of its bit in `past`. */
  readonly place: number;
  readonly entry: Entry;
  readonly hash: Hash;
  /** The author's, as for a chain that ends here. */
  readonly signature: Signature;
  readonly prev: HistoryEntry | undefined;
  readonly deps: readonly HistoryEntry[];
  /** A bit for each entry strictly in its causal past. */
  readonly past: bigint;
  readonly time: Hlc;
}

export interface HistoryWrite {
  readonly key: KeyPair;
  /** The author's entry to go on from; none: a chain's first. */
  readonly prev: HistoryEntry | undefined;
  readonly deps: readonly HistoryEntry[];
  readonly hlc: Hlc;
  readonly payload: Uint8Array;
  /** The entry that it is to stand in for. */
  readonly instead?: Hash;
}

/** A set of entries, closed under causality unless said otherwise. */
export type Holding = ReadonlySet<HistoryEntry>;

/**
 * All entries that anybody ever wrote in one store, whoever has which; and the answers to what the kernel is asked, found
 * in the plainest way.
 */
export class History {
  readonly id: StoreId;
  readonly entries: HistoryEntry[] = [];
  readonly #byHash = new Map<IdKey, HistoryEntry>();

  constructor(readonly genesis: Genesis) {
    this.id = storeIdOf(genesis);
  }

  write({ key, prev, deps, hlc, payload, instead }: HistoryWrite): HistoryEntry {
    const entry: Entry = {
      author: key.nodeId,
      seq: (prev?.entry.seq ?? 0) + 1,
      prev: prev?.hash ?? this.id,
      hlc,
      deps: [...new Set(deps)].map(refOf).sort(compareEntryRefs),
      payload,
      ...(instead && { instead }),
    };
    const hash = hashEntry(entry);
    // The very same entry again, as a draw of the same numbers gives, is no other one.
    const known = this.#byHash.get(idKey(hash));
    if (known) return known;
    const parents = prev ? [prev, ...deps] : deps;
    const written: HistoryEntry = {
      place: this.entries.length,
      entry,
      hash,
      signature: sign(key, 'chain', hash),
      prev,
      deps,
      past: parents.reduce((past, parent) => past | parent.past | bitOf(parent), 0n),
      time: parents.reduce<Hlc>(
        (time, parent) => hlcMax(time, hlcNext(parent.time)),
        hlcMax(hlc, hlcNext(hlcZero)),
      ),
    };
    this.entries.push(written);
    this.#byHash.set(idKey(hash), written);
    return written;
  }

  of(author: NodeId): readonly HistoryEntry[] {
    return this.entries.filter(({ entry }) => equalBytes(entry.author, author));
  }

  /** What the reference names; it matches on author, seq and hash. */
  find(named: EntryRef): HistoryEntry | undefined {
    const found = this.#byHash.get(idKey(named.hash));
    return found && compareEntryRefs(refOf(found), named) === 0 ? found : undefined;
  }

  /** The entries and all their ancestors. */
  closure(entries: Iterable<HistoryEntry>): Set<HistoryEntry> {
    let bits = 0n;
    for (const entry of entries) bits |= entry.past | bitOf(entry);
    return new Set(this.entries.filter((entry) => (bits & bitOf(entry)) !== 0n));
  }
}

export function refOf({ entry, hash }: HistoryEntry): EntryRef {
  return { author: entry.author, seq: entry.seq, hash };
}

/** Whether `other` is strictly in the causal past of `entry`. */
export function seesEntry(entry: HistoryEntry, other: HistoryEntry): boolean {
  return (entry.past & bitOf(other)) !== 0n;
}

/** Whether the first is the second or a chain ancestor of it. */
export function isChainAncestor(earlier: HistoryEntry, later: HistoryEntry): boolean {
  for (let at: HistoryEntry | undefined = later; at; at = at.prev) if (at === earlier) return true;
  return false;
}

/** Those that another one of them, of the same author and not dated after them, stands in for. */
export function replacedOf(holding: Iterable<HistoryEntry>): Set<HistoryEntry> {
  const all = [...holding];
  const isReplacedBy = (original: HistoryEntry, { entry, time }: HistoryEntry): boolean =>
    entry.instead !== undefined &&
    equalBytes(entry.instead, original.hash) &&
    equalBytes(entry.author, original.entry.author) &&
    time <= original.time;
  return new Set(all.filter((original) => all.some((other) => isReplacedBy(original, other))));
}

/** Those that no other one of them sees. */
export function headsOf(holding: Holding): HistoryEntry[] {
  let seen = 0n;
  for (const entry of holding) seen |= entry.past;
  return [...holding].filter((entry) => (seen & bitOf(entry)) === 0n);
}

/** The last of every chain: those that are nobody's `prev`. */
export function tipsOf(holding: Holding): HistoryEntry[] {
  const continued = new Set<HistoryEntry>();
  for (const { prev } of holding) if (prev) continued.add(prev);
  return [...holding].filter((entry) => !continued.has(entry));
}

export function digestOfHolding(holding: Holding): Hash {
  return digestOf(tipsOf(holding).map(({ hash }) => hash));
}

/** How many branches each author that forked has. */
export function forksOf(holding: Holding): Map<IdKey, number> {
  const branches = new Map<IdKey, number>();
  for (const { entry } of tipsOf(holding))
    branches.set(idKey(entry.author), (branches.get(idKey(entry.author)) ?? 0) + 1);
  return new Map([...branches].filter(([, count]) => count > 1));
}

function bitOf({ place }: HistoryEntry): bigint {
  return 1n << BigInt(place);
}
