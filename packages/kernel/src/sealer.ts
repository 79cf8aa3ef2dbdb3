import { type KeyPair, sign } from '@lattice/crypto';
import {
  assert,
  compareEntryRefs,
  depsMax,
  type Entry,
  type EntryRef,
  type Hash,
  type StoreId,
} from '@lattice/model';
import type { Chain } from './chain-table.js';
import type { Dag } from './dag.js';
import { hashEntry } from './hashing.js';
import { headsToName } from './heads-to-name.js';
import type { HybridClock } from './hybrid-clock.js';
import { trustOwn, type VerifiedBundle } from './verify.js';

/** Makes this node's own entries: places them behind all that the node keeps, and signs them. */
export class Sealer {
  readonly #key: KeyPair;
  readonly #store: StoreId;
  readonly #clock: HybridClock;

  constructor(key: KeyPair, store: StoreId, clock: HybridClock) {
    this.#key = key;
    this.#store = store;
    this.#clock = clock;
  }

  /** An entry with that payload; or first, where there are more heads than it may name, one that merges some. */
  seal(dag: Dag, own: Chain | undefined, payload: Uint8Array): Sealed {
    const { heads, areAll } = headsToName(dag, own, this.#clock.horizon());
    if (heads.length > depsMax)
      return { kind: 'merge', isOnlyHead: false, ...this.#entry(own, heads.slice(0, depsMax), noPayload) };
    return { kind: 'operations', isOnlyHead: areAll, ...this.#entry(own, heads, payload) };
  }

  /** An entry with that payload that goes on from an own one which is the only head. */
  sealBehind({ bundle, hash }: Sealed, payload: Uint8Array): Sealed {
    const [before] = bundle.entries;
    assert(before, 'an own entry is a bundle of its own');
    const entry = this.#entry({ tipSeq: before.seq, tipHash: hash }, [], payload);
    return { kind: 'operations', isOnlyHead: true, ...entry };
  }

  /** An own entry as a bundle of its own. */
  signed(entry: Entry): Signed {
    const hash = hashEntry(entry);
    const signature = sign(this.#key, 'chain', hash);
    const chain = { author: entry.author, firstSeq: entry.seq, firstPrev: entry.prev, signature };
    return { hash, bundle: trustOwn({ chains: [chain], chainOf: [0], entries: [entry], hashes: [hash] }) };
  }

  #entry(
    own: Pick<Chain, 'tipSeq' | 'tipHash'> | undefined,
    deps: readonly EntryRef[],
    payload: Uint8Array,
  ): Signed {
    const entry: Entry = {
      author: this.#key.nodeId,
      seq: (own?.tipSeq ?? 0) + 1,
      prev: own?.tipHash ?? this.#store,
      hlc: this.#clock.next(),
      deps: [...deps].sort(compareEntryRefs),
      payload,
    };
    return this.signed(entry);
  }
}

export interface Sealed extends Signed {
  readonly kind: 'operations' | 'merge';
  /** Whether, once it is in the DAG, the next own entry names no head. */
  readonly isOnlyHead: boolean;
}

const noPayload = new Uint8Array(0);

interface Signed {
  readonly hash: Hash;
  readonly bundle: VerifiedBundle;
}
