import type { Hlc } from './hlc.js';
import type { Hash, NodeId, Signature } from './ids.js';

/** Names an entry by chain and place as well as by hash. It matches on all three, else what it names is missing. */
export interface EntryRef {
  readonly author: NodeId;
  /** 1, 2, 3 ... per chain. */
  readonly seq: number;
  readonly hash: Hash;
}

/** One atomic batch of operations by one author: the unit of history, of hashing and of last-writer-wins. */
export interface Entry {
  readonly author: NodeId;
  /** 1, 2, 3 ... per chain. */
  readonly seq: number;
  /** Hash of the chain's previous entry; for seq 1 the store's genesis, which binds the chain to the store. */
  readonly prev: Hash;
  /** The author's claim of when; see *time* in the protocol for what orders entries. */
  readonly hlc: Hlc;
  /** Other heads that the author had seen: strictly sorted by (author, seq, hash). */
  readonly deps: readonly EntryRef[];
  /** The entry that this one issues again after a clock was repaired. */
  readonly instead?: Hash;
  /** Opaque to the kernel but for its first field, the version of the machine that wrote it. Empty: a merge entry. */
  readonly payload: Uint8Array;
}

/** Names one operation: the `op`-th (from 0) of an entry. */
export interface Dot {
  readonly entry: Hash;
  readonly op: number;
}

/** What a bundle says once for each chain that it carries. */
export interface BundleChain {
  readonly author: NodeId;
  readonly firstSeq: number;
  /** `prev` of the entry at `firstSeq`. */
  readonly firstPrev: Hash;
  /** The author's, over the hash of the chain's last entry in the bundle; it vouches for all before it. */
  readonly signature: Signature;
}

/**
 * Entries of one or more chains in causal order, with one signature per chain: the unit of transfer, of storage and of
 * verification. `entries[i]` belongs to `chains[chainOf[i]]`; the entries of a chain are consecutive in `seq`.
 */
export interface Bundle {
  readonly chains: readonly BundleChain[];
  readonly chainOf: readonly number[];
  readonly entries: readonly Entry[];
  /** Of each entry, in step with `entries`: computed from the fields by whoever decoded them. */
  readonly hashes: readonly Hash[];
}
