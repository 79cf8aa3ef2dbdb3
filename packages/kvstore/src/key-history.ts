import { comparePlaces, type EntryInfo, type Hash, Heap, type LocalDot, type LocalRef } from '@lattice/model';
import { checkKey } from './check.js';
import type { LogBackend } from './log-value.js';
import { valueInLog } from './log-value.js';
import { decodeRecord, recordKey } from './record.js';
import { replacedBy } from './versions.js';

/** What a key's history needs of the store behind it. */
export interface KeyHistoryBackend extends LogBackend {
  info(ref: LocalRef): EntryInfo;
  /** Whether the second entry is strictly in the first one's past. */
  sees(ref: LocalRef, other: LocalRef): boolean;
  /** A local number of the chain that has the entry: of two entries of a chain, the later sees the earlier. */
  chainOf(ref: LocalRef): number;
}

/** What one entry made of a key. Where it wrote the key several times, the last of them, since nobody ever saw the others. */
export interface KeyVersion {
  readonly ref: LocalRef;
  readonly info: EntryInfo;
  /** Whether it is one of the key's heads. */
  readonly head: boolean;
  /** `undefined`: it deleted the key. */
  readonly value: Uint8Array | undefined;
  /** The versions that it directly follows: those it sees that no other that it sees does. The latest first. */
  readonly deps: readonly Hash[];
}

/**
 * The versions of a key, newest first by (time, author, entry hash), the same on all nodes that have applied the same.
 * Lazy: it reads as far as it must to know what the version at hand follows.
 */
export function keyHistory(backend: KeyHistoryBackend, key: Uint8Array): Iterable<KeyVersion> {
  checkKey(key);
  return new KeyHistory(backend, key).versions();
}

/** A version that is reached and not told yet. */
interface Version {
  /** The entry's last operation on the key. */
  readonly dot: LocalDot;
  readonly ref: LocalRef;
  readonly chain: number;
  readonly info: EntryInfo;
  readonly head: boolean;
  /** The entry that replaced it here; infinity for a head. */
  readonly headUntil: number;
  readonly deps: Version[];
}

/** The versions of one chain whose deps are not all found, newest first. */
interface OpenChain {
  readonly versions: Version[];
  /** How many were taken off the front. */
  taken: number;
  /**
   * By chain: how many, counted from the very first, have met the latest version that they see of that chain. Whatever one
   * of them does not see, those behind it do not see either, so one question is enough to know of all.
   */
  readonly met: Map<number, number>;
}

class KeyHistory {
  readonly #backend: KeyHistoryBackend;
  readonly #key: Uint8Array;
  /** Reached and not looked at: every version behind them is one of these or in the past of one. */
  readonly #reached = new Set<Version>();
  readonly #queue = new Heap<Version>((a, b) => comparePlaces(placeOf(b), placeOf(a)));
  /** Looked at, newest first. */
  readonly #open: Version[] = [];
  readonly #openChains = new Map<number, OpenChain>();

  constructor(backend: KeyHistoryBackend, key: Uint8Array) {
    this.#backend = backend;
    this.#key = key;
  }

  *versions(): Iterable<KeyVersion> {
    const stored = this.#backend.state.get(recordKey(this.#key));
    if (!stored) return;
    const { winner, others } = decodeRecord(stored);
    for (const head of [winner, ...others]) this.#reach(head, undefined);
    for (let front = this.#next(); front; front = this.#next()) {
      const { ref, info, head, dot, deps } = front;
      const value = valueInLog(this.#backend, dot, this.#key);
      yield { ref, info, head, value, deps: deps.map((dep) => dep.info.hash) };
    }
  }

  /** The newest version that was not told, once all that it follows is found. */
  #next(): Version | undefined {
    const front = this.#open[0] ?? this.#look();
    if (!front) return undefined;
    for (
      let undecided = this.#undecidedFor(front);
      undecided;
      undecided = this.#undecidedFor(front, undecided)
    )
      this.#look();
    this.#close(front);
    return front;
  }

  /** Takes the newest that is reached, reaches what it replaced, and offers it to all that are open. */
  #look(): Version | undefined {
    const version = this.#queue.pop();
    if (!version) return undefined;
    this.#reached.delete(version);
    for (const replaced of this.#replacedBy(version.dot)) this.#reach(replaced, version);
    for (const chain of this.#openChains.values()) this.#offer(version, chain);
    this.#open.push(version);
    const chain = this.#openChains.get(version.chain);
    if (chain) chain.versions.push(version);
    else this.#openChains.set(version.chain, { versions: [version], taken: 0, met: new Map() });
    return version;
  }

  #offer(version: Version, { versions, taken, met }: OpenChain): void {
    let at = Math.max(0, (met.get(version.chain) ?? 0) - taken);
    for (let open = versions[at]; open && this.#sees(open, version); open = versions[++at]) {
      if (!this.#isCovered(version, open)) open.deps.push(version);
    }
    met.set(version.chain, taken + at);
  }

  /** Some version that may have in its past, or be, what the given one follows and has not met. */
  #undecidedFor(version: Version, before?: Version): Version | undefined {
    if (before && this.#reached.has(before) && !this.#isCovered(before, version)) return before;
    for (const reached of this.#reached) if (!this.#isCovered(reached, version)) return reached;
    return undefined;
  }

  /** Whether what a version follows is known to include the other, or to follow it. */
  #isCovered(other: Version, { deps }: Version): boolean {
    return deps.some((dep) => dep === other || this.#sees(dep, other));
  }

  #close(front: Version): void {
    this.#open.shift();
    const chain = this.#openChains.get(front.chain);
    if (!chain) return;
    chain.versions.shift();
    chain.taken++;
    if (chain.versions.length === 0) this.#openChains.delete(front.chain);
  }

  #reach(dot: LocalDot, by: Version | undefined): void {
    const { ref } = dot;
    const info = this.#backend.info(ref);
    const chain = this.#backend.chainOf(ref);
    const version = {
      dot,
      ref,
      chain,
      info,
      head: by === undefined,
      headUntil: by?.ref ?? Infinity,
      deps: [],
    };
    this.#reached.add(version);
    this.#queue.push(version);
  }

  /** Of other entries: what an entry itself wrote before is passed over. */
  #replacedBy(dot: LocalDot): readonly LocalDot[] {
    const found: LocalDot[] = [];
    const todo = [dot];
    for (let at = todo.pop(); at; at = todo.pop()) {
      for (const replaced of replacedBy(this.#backend.state, at))
        (replaced.ref === dot.ref ? todo : found).push(replaced);
    }
    return found;
  }

  /** Versions that were heads together do not: an entry replaces all heads that it sees when it is applied. */
  #sees(version: Version, other: Version): boolean {
    return other.headUntil <= version.ref && this.#backend.sees(version.ref, other.ref);
  }
}

function placeOf({ info, dot }: Version) {
  return { time: info.time, author: info.author, entry: info.hash, op: dot.op };
}
