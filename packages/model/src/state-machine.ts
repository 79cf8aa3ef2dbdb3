import type { Hlc } from './hlc.js';
import type { Dot, EntryRef } from './entry.js';
import type { Brand } from './brand.js';
import type { Hash, NodeId } from './ids.js';

/**
 * A local alias for an entry of this store's log. State may keep it to save space, since state is local and rebuilt
 * with the log; it says nothing to other nodes, and nothing that they must agree on may be ordered by it.
 */
export type LocalRef = number & Brand<'LocalRef'>;

/** Names one operation by local alias. */
export interface LocalDot {
  readonly ref: LocalRef;
  readonly op: number;
}

/** What an alias stands for. */
export interface EntryInfo extends EntryRef {
  /** What its author claimed. */
  readonly hlc: Hlc;
  /** The greatest of its claimed `hlc` and one more than the time of `prev` and of each dep: what orders entries. */
  readonly time: Hlc;
}

/** An ordered map of bytes: a machine's state, all of it its own. Keys are 1 to 1,900 bytes, ordered bytewise. */
export interface StateView {
  /** The returned bytes are the caller's to keep. */
  get(key: Uint8Array): Uint8Array | undefined;
  /** Pairs with `gte <= key < lt`, ascending or, with `reverse`, descending. Read it to its end or `return()` it. */
  range(options?: RangeOptions): Iterable<readonly [key: Uint8Array, value: Uint8Array]>;
}

export interface RangeOptions {
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** The same, inside the transaction that applies an entry. */
export interface StateTxn extends StateView {
  put(key: Uint8Array, value: Uint8Array): void;
  remove(key: Uint8Array): void;
}

/** The operation at hand and its place in history. */
export interface Applied extends LocalDot {
  readonly dot: Dot;
  readonly author: NodeId;
  readonly time: Hlc;
  /** Whether the operation at hand has the other in its causal past; within one entry, later ones see earlier ones. */
  sees(other: LocalDot): boolean;
  /** What an alias in this machine's state stands for. */
  info(ref: LocalRef): EntryInfo;
  /** Tells whoever follows the store what the operation brought about. What is computed anew is not told again. */
  notice(notice: Notice): void;
}

/** What an operation brought about beside a change of the state. */
export interface Notice {
  /** There are now several writes of that key none of which saw the others, and there were not before. */
  readonly kind: 'conflict';
  readonly key: Uint8Array;
}

/** An operation in words: what histories show. */
export interface DescribedOp {
  /** What it does, in a word. */
  readonly op: string;
  /** What it concerns. */
  readonly key?: Uint8Array;
  readonly value?: Uint8Array;
}

/** Operations that are issued again. */
export interface ReissuedOps {
  readonly operations: Uint8Array;
  /** The entries that they name: whoever names an entry sees it. */
  readonly names: readonly Hash[];
}

export interface InvalidOp {
  readonly kind: 'invalid-op';
  readonly reason: string;
}

/**
 * A replicated state machine: what a store's type names. Given the same set of operations in any order that respects
 * causality it must arrive at the same state; the convergence kit of `@lattice/testkit` puts that to the test.
 */
export interface StateMachine<Op> {
  /** Recorded in the store's genesis. */
  readonly type: string;
  /** Entries of a newer version are skipped and recorded ("needs upgrade"); an upgrade rebuilds. */
  readonly version: number;
  /** Reads a payload's operations (its version already taken off). Deterministic; what is invalid is so everywhere. */
  decode(operations: Uint8Array): readonly Op[] | InvalidOp;
  /** Must commute for concurrent operations. */
  apply(op: Op, at: Applied, state: StateTxn): void;
  /**
   * For operations that name entries of their own store. Where their author has to issue them again, so that entries which they
   * name have another hash now: the same operations, as `again` calls these. It leaves all others as they are.
   */
  reissued?(operations: readonly Op[], again: (entry: Hash) => Hash): ReissuedOps;
  /** Says what an operation does, for people. Where it is absent, histories say "operation". */
  describe?(op: Op): DescribedOp;
}
