import {
  compareBytes,
  type Entry,
  type EntryRef,
  equalBytes,
  type Hash,
  hlcMax,
  hlcNext,
  type Hlc,
  hlcZero,
  type NodeId,
  toHex,
} from '@lattice/model';

/** An entry of which all ancestors are known. */
export interface Known {
  readonly entry: Entry;
  readonly hash: Hash;
  /** The hash in hexadecimal. */
  readonly key: string;
  /** Place among all: behind every entry that it sees. */
  readonly index: number;
  readonly time: Hlc;
  /** Of its chain, the one before it. */
  readonly previous: Known | undefined;
  /** Those that `prev` and `deps` name. */
  readonly named: readonly Known[];
}

/**
 * A store's history as plainly as it can be had: each entry with the set of all that it sees, a bit for each. It has nothing in
 * common with the way in which the kernel answers the same questions.
 */
export class Past {
  readonly entries: readonly Known[];
  readonly #all: ReadonlyMap<string, { readonly entry: Entry }>;
  readonly #rootKey: string;
  readonly #bundles: readonly (readonly string[])[];
  readonly #byKey = new Map<string, Known>();
  readonly #seen: Uint32Array[] = [];

  /**
   * Entries of which an ancestor is missing are left out, and so are those that come only with such: a bundle has one signature
   * for them, so nobody takes in a part of it. `root`: what the first entry of every chain names.
   */
  constructor(
    all: ReadonlyMap<string, { readonly entry: Entry; readonly hash: Hash }>,
    bundles: readonly (readonly string[])[],
    root: Uint8Array,
  ) {
    const words = Math.ceil(all.size / 32);
    const rootKey = toHex(root);
    this.#all = all;
    this.#rootKey = rootKey;
    this.#bundles = bundles;
    const refsOf = new Map([...all].map(([key, { entry }]) => [key, ancestorsOf(entry, rootKey)]));
    const whole = wholeIn(bundles, refsOf);
    const entries: Known[] = [];
    const waiting = new Map<string, string[]>();
    const enter = (key: string): void => {
      const found = all.get(key);
      const refs = refsOf.get(key);
      if (!found || !refs || !whole.has(key) || this.#byKey.has(key)) return;
      const missing = refs.find((one) => !this.#byKey.has(one.key));
      if (missing) {
        waiting.set(missing.key, [...(waiting.get(missing.key) ?? []), key]);
        return;
      }
      const named = refs.flatMap((one) => this.#matching(one) ?? []);
      // A dep that names another entry than it says is never satisfied.
      if (named.length < refs.length) return;
      const known = { ...found, key, index: entries.length, named, ...placed(found.entry, named) };
      entries.push(known);
      this.#byKey.set(key, known);
      this.#seen.push(seenBy(named, this.#seen, words));
      const next = waiting.get(key) ?? [];
      waiting.delete(key);
      for (const one of next) enter(one);
    };
    for (const key of [...all.keys()].sort()) enter(key);
    this.entries = entries;
  }

  get(key: string): Known | undefined {
    return this.#byKey.get(key);
  }

  /** What there is, and waits for something that nobody has. */
  *waiting(): Generator<Loose> {
    for (const [key, { entry }] of this.#all) if (!this.#byKey.has(key)) yield { key, entry };
  }

  /** Of an entry that is not in here: what it waits for, and nobody has; or itself. */
  missingFor(entry: Named): readonly Named[] {
    const missing = new Map<string, Named>();
    const looked = new Set<string>();
    const todo = [entry];
    for (let one = todo.pop(); one; one = todo.pop()) {
      if (looked.has(one.key) || this.#byKey.has(one.key)) continue;
      looked.add(one.key);
      const found = this.#all.get(one.key);
      if (found) todo.push(...ancestorsOf(found.entry, this.#rootKey), ...this.#companionsOf(one.key));
      else missing.set(one.key, one);
    }
    return [...missing.values()];
  }

  /** Whether `other` is strictly in the past of `one`. */
  sees(one: Known, other: Known): boolean {
    const word = this.#seen[one.index]?.[other.index >>> 5] ?? 0;
    return (word & (1 << (other.index & 31))) !== 0;
  }

  /** Whether the first is the second, or before it on its chain. */
  isChainAncestor(earlier: Known, later: Known): boolean {
    let at: Known | undefined = later;
    while (at && at.entry.seq > earlier.entry.seq) at = at.previous;
    return at === earlier;
  }

  /** What comes with an entry. */
  #companionsOf(key: string): readonly Named[] {
    const keys = this.#bundles.filter((bundle) => bundle.includes(key)).flat();
    return keys.flatMap((other) => {
      const found = this.#all.get(other);
      return found ? { key: other, author: found.entry.author } : [];
    });
  }

  #matching({ key, seq, author }: Ancestor): Known | undefined {
    const found = this.#byKey.get(key);
    return found && found.entry.seq === seq && equalBytes(found.entry.author, author) ? found : undefined;
  }
}

/** An entry, wherever it is. */
export interface Loose {
  readonly key: string;
  readonly entry: Entry;
}

/** An entry that something names. */
export interface Named {
  /** Its hash in hexadecimal. */
  readonly key: string;
  readonly author: NodeId;
}

interface Ancestor extends Named {
  readonly seq: number;
}

function ancestorsOf({ author, seq, prev, deps }: Entry, rootKey: string): readonly Ancestor[] {
  const named = deps.map((dep: EntryRef) => ({
    key: toHex(dep.hash),
    seq: dep.seq,
    author: dep.author,
  }));
  const previous = { key: toHex(prev), seq: seq - 1, author };
  if (seq > 1) return [previous, ...named];
  // A chain of another store does not begin here.
  return previous.key === rootKey ? named : [previous, ...named];
}

/** Entries of bundles of which all ancestors are there, as far as those come in such bundles. */
function wholeIn(
  bundles: readonly (readonly string[])[],
  refsOf: ReadonlyMap<string, readonly Ancestor[]>,
): ReadonlySet<string> {
  let whole = new Set(refsOf.keys());
  for (;;) {
    const isWhole = (key: string) => refsOf.get(key)?.every((ref) => whole.has(ref.key)) === true;
    const left = new Set(bundles.filter((bundle) => bundle.every(isWhole)).flat());
    if (left.size === whole.size) return left;
    whole = left;
  }
}

function placed(
  entry: Entry,
  named: readonly Known[],
): { readonly time: Hlc; readonly previous: Known | undefined } {
  let time = hlcMax(entry.hlc, hlcNext(hlcZero));
  for (const one of named) time = hlcMax(time, hlcNext(one.time));
  const previous = entry.seq > 1 ? named.find((one) => compareBytes(one.hash, entry.prev) === 0) : undefined;
  return { time, previous };
}

function seenBy(named: readonly Known[], seen: readonly Uint32Array[], words: number): Uint32Array {
  const all = new Uint32Array(words);
  for (const one of named) {
    const theirs = seen[one.index];
    for (let i = 0; theirs && i < words; i++) all[i] = (all[i] ?? 0) | (theirs[i] ?? 0);
    all[one.index >>> 5] = (all[one.index >>> 5] ?? 0) | (1 << (one.index & 31));
  }
  return all;
}
