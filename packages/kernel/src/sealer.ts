import { type KeyPair, sign } from '@lattice/crypto';
import {
  assert,
  compareEntryRefs,
  depsMax,
  type Entry,
  type EntryRef,
  type Hash,
  type IdKey,
  idKey,
  type StoreId,
} from '@lattice/model';
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

  /** An entry with that payload; or first, where there are more heads than it may name, one that merges some. */
  seal(dag: Dag, own: Chain | undefined, payload: Uint8Array): Sealed {
    const { heads, areAll } = this.#headsToName(dag, own);
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

  /**
   * The heads of what is kept, but for this node's own chain, for more branches of an author than are named, and for what a
   * wrong clock has dated too far ahead; and whether that leaves none out.
   */
  #headsToName(dag: Dag, own: Chain | undefined): { heads: readonly EntryRef[]; areAll: boolean } {
    const horizon = this.#clock.horizon();
    const branchesOf = new Map<IdKey, number>();
    const heads: EntryRef[] = [];
    let leftOut = 0;
    for (const chain of dag.keeping.heads()) {
      if (chain === own || isSeenBy(dag, own, chain)) continue;
      const key = idKey(chain.author);
      const branches = (branchesOf.get(key) ?? 0) + 1;
      branchesOf.set(key, branches);
      leftOut++;
      if (branches > branchesNamedMax) continue;
      const place = { chain: chain.number, seq: chain.keptSeq };
      const { author, seq, hash, time } = dag.index.info(dag.index.refAt(place));
      if (time > horizon) continue;
      heads.push({ author, seq, hash });
      leftOut--;
    }
    return { heads, areAll: leftOut === 0 };
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
  /** Whether, once it is in the DAG, the next own entry names no head. */
  readonly isOnlyHead: boolean;
}

const noPayload = new Uint8Array(0);

interface Signed {
  readonly hash: Hash;
  readonly bundle: VerifiedBundle;
}
