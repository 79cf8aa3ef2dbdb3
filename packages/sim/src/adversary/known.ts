import { type KeyPair, sign } from '@lattice/crypto';
import {
  assert,
  type Bundle,
  type BundleChain,
  type Entry,
  type EntryRef,
  type Hash,
  idKey,
  type IdKey,
  type Signature,
  toHex,
} from '@lattice/model';

/** An entry that somebody has; with its author's signature, where it came with one. */
export interface Had {
  readonly entry: Entry;
  readonly hash: Hash;
  readonly signature?: Signature;
}

/** What somebody knows of one store. */
export class Knowledge {
  readonly #entries = new Map<IdKey, Had>();
  readonly #named = new Set<IdKey>();

  add(one: Had): void {
    const key = idKey(one.hash);
    const before = this.#entries.get(key);
    if (before?.signature) return;
    this.#entries.set(key, one);
    this.#named.add(idKey(one.entry.prev));
    for (const dep of one.entry.deps) this.#named.add(idKey(dep.hash));
  }

  has(hash: Hash): boolean {
    return this.#entries.has(idKey(hash));
  }

  get all(): readonly Had[] {
    return [...this.#entries.values()];
  }

  /** What nothing else that is known names. */
  get heads(): readonly Had[] {
    return this.all.filter(({ hash }) => !this.#named.has(idKey(hash)));
  }

  of(author: Uint8Array): readonly Had[] {
    const key = toHex(author);
    return this.all.filter(({ entry }) => toHex(entry.author) === key);
  }
}

export function refOf({ entry, hash }: Had): EntryRef {
  return { author: entry.author, seq: entry.seq, hash };
}

/**
 * The entries as one bundle, in that order: each that goes on from another one of them is of the same chain. A chain whose last
 * entry came without a signature is signed with the key, whosoever it is.
 */
export function bundleOf(entries: readonly Had[], key: KeyPair): Bundle {
  const firsts: Had[] = [];
  const lasts: Had[] = [];
  const chainOf = entries.map((one) => {
    const continued = lasts.findIndex(
      ({ entry, hash }) => one.entry.seq === entry.seq + 1 && toHex(hash) === toHex(one.entry.prev),
    );
    const chain = continued === -1 ? firsts.push(one) - 1 : continued;
    lasts[chain] = one;
    return chain;
  });
  const chains = firsts.map(({ entry }, chain): BundleChain => {
    const last = lasts[chain];
    assert(last, 'a chain has a last entry');
    const signature = last.signature ?? sign(key, 'chain', last.hash);
    return { author: entry.author, firstSeq: entry.seq, firstPrev: entry.prev, signature };
  });
  return {
    chains,
    chainOf,
    entries: entries.map(({ entry }) => entry),
    hashes: entries.map(({ hash }) => hash),
  };
}
