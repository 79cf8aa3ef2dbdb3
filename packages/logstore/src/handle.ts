import type { Hlc, NodeId } from '@lattice/model';

/** One item of a log. */
export interface LogItem {
  /**
   * Its place in the log, 76 bytes: the same on every node and for good. They order bytewise as the items lie: by time,
   * author, entry hash and index within the entry.
   */
  readonly position: Uint8Array;
  readonly value: Uint8Array;
  readonly author: NodeId;
  readonly time: Hlc;
}

/** An item, told since it was appended here or came from a peer. */
export interface LogAddition extends LogItem {
  /** Whether it lies before something that was told, or was there already when the follower began. */
  readonly late: boolean;
}

/** A place in a log: a position, or with a number the first moment of that millisecond since 1970. */
export type LogBound = Uint8Array | number;

export interface LogRangeOptions {
  /** What lies at this place or behind it. */
  readonly from?: LogBound;
  /** What lies before this place. */
  readonly to?: LogBound;
  /** From the last to the first. */
  readonly reverse?: boolean;
  readonly limit?: number;
}

export interface LogFollowOptions {
  /** The `cursor` to go on from, of this store, on this node. Absent: from now on. */
  readonly since?: string;
  /** Where no cursor is given: begins with so many of the last items, in order. */
  readonly last?: number;
  /** Ends it. */
  readonly signal?: AbortSignal;
}

/** What a follower is told in one go. */
export interface LogAdditions {
  /** In the order in which they came to this node. May be empty: then it is there for its cursor. */
  readonly items: readonly LogAddition[];
  /** Where to go on from once these were dealt with; opaque text. */
  readonly cursor: string;
  /**
   * Forget what was told before: the state is another one since the cursor was given out (it was built anew, or entries
   * count no longer). All items follow, from these on.
   */
  readonly reset: boolean;
}

/** What can be read of a log, as it is now or as it was. Reads are synchronous and never wait for the network. */
export interface LogReads {
  /** How many items there are. */
  readonly count: number;
  /** Items in their order. Read it to its end or `return()` it. Throws `position-invalid`. */
  range(options?: LogRangeOptions): Iterable<LogItem>;
  /** The last so many items, in their order. */
  tail(count: number): readonly LogItem[];
}

/**
 * A log as an application sees it. A `range` reads on while the log grows: of what arrives meanwhile, it may show some and
 * not show some. A snapshot of the store does not.
 */
export interface Log extends LogReads {
  /** Resolves once it is durable and visible here, with its position. Rejects with `value-too-large`, `disk-full` ... */
  append(value: Uint8Array): Promise<Uint8Array>;
  /** All of them or none, one behind the other, here and on every peer. Resolves with their positions. */
  appendBatch(values: readonly Uint8Array[]): Promise<readonly Uint8Array[]>;
  /**
   * What is appended here or arrives from peers, once it is durable and visible to reads; every item is told once. The first
   * page comes at once, with a cursor. Nothing is queued for a follower: it reads on from its cursor at its own pace, and
   * one that stops reading costs nothing. What a peer wrote while it was apart arrives late, and lies before what was told:
   * such items say so. It ends with its signal, or rejects with `cursor-invalid`, `cursor-foreign`, `log-damaged` or
   * `store-closed`.
   *
   * ```ts
   * for await (const { items, reset } of log.follow({ last: 10 })) {
   *   if (reset) console.log('-- from the beginning:');
   *   for (const { value, late } of items) console.log(late ? '(late)' : '', displayUtf8(value));
   * }
   * ```
   */
  follow(options?: LogFollowOptions): AsyncIterable<LogAdditions>;
}
