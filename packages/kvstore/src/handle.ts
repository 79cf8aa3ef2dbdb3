import type { Hash, Hlc, NodeId } from '@lattice/model';

/** One change of a batch. */
export type KvWrite =
  | { readonly kind: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
  | { readonly kind: 'delete'; readonly key: Uint8Array };

/** One of a key's heads: a write that no other applied write of that key sees. */
export interface KvHead {
  /** `undefined`: this head deleted the key. */
  readonly value: Uint8Array | undefined;
  readonly author: NodeId;
  readonly time: Hlc;
  readonly entry: Hash;
  /** Index of the operation within the entry. */
  readonly op: number;
}

export interface KvItem {
  readonly key: Uint8Array;
  /** The winner's. */
  readonly value: Uint8Array;
  /** Whether there are other heads beside the winner. */
  readonly conflicted: boolean;
}

export interface KvListOptions {
  readonly prefix?: Uint8Array;
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** A key-value store as an application sees it. Reads are synchronous and never wait for the network. */
export interface Kv {
  /** The winning value; `undefined` where the key was never written or the winner deleted it. */
  get(key: Uint8Array): KvItem | undefined;
  /** All heads, the winner first; more than one is a conflict, which the next write that sees them settles. */
  heads(key: Uint8Array): readonly KvHead[];
  /** Present keys in bytewise order. Read it to its end or `return()` it. */
  list(options?: KvListOptions): Iterable<KvItem>;
  /** Resolves once the write is durable and visible here. Rejects with `key-...`, `value-too-large`, `disk-full` ... */
  put(key: Uint8Array, value: Uint8Array): Promise<void>;
  delete(key: Uint8Array): Promise<void>;
  /** All of the writes or none, here and on every peer. */
  batch(writes: readonly KvWrite[]): Promise<void>;
}
