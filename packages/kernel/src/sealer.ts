import { type KeyPair, sign } from '@lattice/crypto';
import {
  compareEntryRefs,
  depsMax,
  type Entry,
  type EntryRef,
  type Hash,
  type IdKey,
  idKey,
  type StoreId,
} from '@lattice/model';
import { encodePayload } from '@lattice/proto';
import type { Chain } from './chain-table.js';
import type { Dag } from './dag.js';
import { hashEntry } from './hashing.js';
import type { HybridClock } from './hybrid-clock.js';
import { trustOwn, type VerifiedBundle } from './verify.js';

/** How many branches of one author a write names, lest a forker makes everybody's entries large. */
const branchesNamedMax = 8;

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

  /** An entry with these operations; or first, where there are more heads than it may name, one that merges some. */
  seal(dag: Dag, own: Chain | undefined, version: number, operations: readonly Uint8Array[]): Sealed {
    const heads = this.#headsToName(dag, own);
    if (heads.length > depsMax) return this.#entry(own, heads.slice(0, depsMax), new Uint8Array(0), 'merge');
    return this.#entry(own, heads, encodePayload(version, operations), 'operations');
  }

  /** An own entry as a bundle of its own. */
  signed(entry: Entry): Signed {
    const hash = hashEntry(entry);
    const signature = sign(this.#key, 'chain', hash);
    const chain = { author: entry.author, firstSeq: entry.seq, firstPrev: entry.prev, signature };
    return { hash, bundle: trustOwn({ chains: [chain], chainOf: [0], entries: [entry], hashes: [hash] }) };
  }

  #entry(
    own: Chain | undefined,
    deps: readonly EntryRef[],
    payload: Uint8Array,
    kind: Sealed['kind'],
  ): Sealed {
    const entry: Entry = {
      author: this.#key.nodeId,
      seq: (own?.tipSeq ?? 0) + 1,
      prev: own?.tipHash ?? this.#store,
      hlc: this.#clock.next(),
      deps: [...deps].sort(compareEntryRefs),
      payload,
    };
    return { kind, ...this.signed(entry) };
  }

  /** The heads of what is kept, but for this node's own chain and for what a wrong clock has dated too far ahead. */
  #headsToName(dag: Dag, own: Chain | undefined): readonly EntryRef[] {
    const horizon = this.#clock.horizon();
    const branchesOf = new Map<IdKey, number>();
    const heads: EntryRef[] = [];
    for (const chain of dag.keeping.heads()) {
      if (chain === own || isSeenBy(dag, own, chain)) continue;
      const key = idKey(chain.author);
      const branches = (branchesOf.get(key) ?? 0) + 1;
      branchesOf.set(key, branches);
      if (branches > branchesNamedMax) continue;
      const place = { chain: chain.number, seq: chain.keptSeq };
      const { author, seq, hash, time } = dag.index.info(dag.index.refAt(place));
      if (time <= horizon) heads.push({ author, seq, hash });
    }
    return heads;
  }
}

/**
 * Whether an own chain that does not count, so that its entries cover no heads, has one in its past. (Of one that counts,
 * no head is.)
 */
function isSeenBy(dag: Dag, own: Chain | undefined, { number, keptSeq }: Chain): boolean {
  if (!own || own.keptSeq === own.tipSeq) return false;
  return dag.causality.sees(own.tipRef, dag.index.refAt({ chain: number, seq: keptSeq }));
}

export interface Sealed extends Signed {
  readonly kind: 'operations' | 'merge';
}

interface Signed {
  readonly hash: Hash;
  readonly bundle: VerifiedBundle;
}
