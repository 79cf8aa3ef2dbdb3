import type { Dot, Hash, Hlc, NodeId } from '@lattice/model';

/** What must hold when a write's entry is sealed, or it is refused with `condition-failed`. */
export interface KvCondition {
  /**
   * Exactly the heads that the key must have: those that the writer has looked at, as `heads` or an earlier write
   * returned them. None: the key was never written. An earlier write of the same batch is a head, too.
   */
  readonly ifHeads?: readonly Dot[];
}

/** One change of a batch. */
export type KvWrite = KvCondition &
  (
    | { readonly kind: 'put'; readonly key: Uint8Array; readonly value: Uint8Array }
    | { readonly kind: 'delete'; readonly key: Uint8Array }
  );

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
  /** The value cannot be read, the log being damaged there, and is empty here: only where that was asked for. */
  readonly unreadable?: true;
}

export interface KvListOptions {
  readonly prefix?: Uint8Array;
  readonly gte?: Uint8Array;
  readonly lt?: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
  /** Leaves values out: they are empty, and those that are in the log alone are not read. */
  readonly keysOnly?: boolean;
  /** Where a value cannot be read, the log being damaged there, the key is listed as such, instead of a throw. */
  readonly markUnreadable?: boolean;
}

/** A key as it is now, told since it changed. */
export interface KvChange {
  readonly key: Uint8Array;
  /** The winner's; `undefined` where it deleted the key. */
  readonly value: Uint8Array | undefined;
  /** Whether there are other heads beside the winner. */
  readonly conflicted: boolean;
  /** Of the winner. */
  readonly author: NodeId;
  readonly time: Hlc;
}

export interface KvWatchOptions {
  /** Only keys that begin so. */
  readonly prefix?: Uint8Array;
  /** The `cursor` to go on from, of a watch of this store with the same prefix, on this node. Absent: from now on. */
  readonly since?: string;
  /** Ends the watch. */
  readonly signal?: AbortSignal;
}

/** What a watch tells in one go. */
export interface KvChanges {
  /** Each key once. May be empty: then it is there for its cursor. */
  readonly changes: readonly KvChange[];
  /** Where to go on from once these were dealt with; opaque text. */
  readonly cursor: string;
  /**
   * Forget what was told before: the state is another one since the cursor was given out (it was built anew, or entries
   * count no longer). All present keys follow as changes, from these on; what is not told again is not there any more.
   */
  readonly reset: boolean;
}

/** What can be read of a key-value store, as it is now or as it was. Reads are synchronous and never wait for the network. */
export interface KvReads {
  /** The winning value; `undefined` where the key was never written or the winner deleted it. */
  get(key: Uint8Array): KvItem | undefined;
  /** All heads, the winner first; more than one is a conflict, which the next write that sees them settles. */
  heads(key: Uint8Array): readonly KvHead[];
  /** Present keys in bytewise order. Read it to its end or `return()` it. */
  list(options?: KvListOptions): Iterable<KvItem>;
}

/**
 * A key-value store as an application sees it. A `list` reads on while the store changes: of what is written meanwhile, it
 * may show some and not show some. A snapshot of the store does not.
 */
export interface Kv extends KvReads {
  /**
   * Resolves once the write is durable and visible here, with the head that it is. Rejects with `key-...`,
   * `value-too-large`, `condition-failed`, `disk-full`, and `store-busy` where more than 100,000 writes or 64 MiB
   * wait for the disk: await some of them.
   *
   * What a value becomes may depend on what it was, and no write of this node comes in between:
   *
   * ```ts
   * const heads = kv.heads(key);
   * await kv.put(key, next(heads[0]?.value), { ifHeads: heads });
   * ```
   *
   * Other nodes write without asking this one: theirs stand beside it, as concurrent writes do.
   */
  put(key: Uint8Array, value: Uint8Array, condition?: KvCondition): Promise<Dot>;
  delete(key: Uint8Array, condition?: KvCondition): Promise<Dot>;
  /** All of the writes or none, here and on every peer: resolves with the head that each of them is. */
  batch(writes: readonly KvWrite[]): Promise<readonly Dot[]>;
  /**
   * The keys that change, as they change: a key is told after its write is durable and visible to reads, and one that
   * changed several times since may be told once, as it is now. The first item comes at once, with a cursor. Nothing is
   * queued for a watcher: it reads on from its cursor at its own pace, and one that stops reading costs nothing. It ends
   * with its signal, or rejects with `cursor-invalid`, `cursor-foreign`, `log-damaged` or `store-closed`.
   *
   * ```ts
   * for await (const { changes, cursor, reset } of kv.watch({ prefix: utf8('user/') })) {
   *   if (reset) users.clear();
   *   for (const { key, value } of changes) console.log(displayUtf8(key), value === undefined ? 'deleted' : 'put');
   * }
   * ```
   */
  watch(options?: KvWatchOptions): AsyncIterable<KvChanges>;
}
