/**
 * An append-only log of records: the truth of a store. Offsets are ordered, and stay what they are until the part of
 * the log that they point into is rewritten; they are not dense, and 0 is before the first record.
 */
export interface Log extends AsyncDisposable {
  /** Where the next record will begin. */
  readonly end: number;

  /**
   * Appends records (of 1 to `recordBytesMax` bytes) in order and resolves, with their offsets, once they are synced to
   * disk. One call at a time: the caller waits for the one before. A call that rejects has appended nothing: the log is
   * cut back to where it was before anything else is written. Rejects with `disk-full` or `disk-failed`.
   */
  append(records: readonly Uint8Array[]): Promise<readonly number[]>;

  /**
   * The record that begins there; the bytes are the caller's. Throws `log-damaged` where there is none intact. `into` is memory
   * that a large one may be laid in, somewhere, if there is room for it.
   */
  read(offset: number, into?: Uint8Array): Uint8Array;

  /**
   * All that lies from `from` (an offset or a `next` that this log gave, or 0) to what was its end when the scan began,
   * damage included. The `next` of an item is the offset of the one that follows it, if need be in time to come.
   */
  scan(from: number): Iterable<LogItem>;

  /**
   * Puts a stretch out of use that a scan gave, once nobody misses what was there any more: its bytes are set aside beside
   * the log, as far as there is a place for them, and scans pass over it from then on. Nothing else is touched, and no
   * offset changes; a crash leaves it as it was, or done. Not while an append is under way; doing it twice does no harm.
   * Rejects with `disk-full` or `disk-failed`.
   */
  mend(stretch: LogStretch): Promise<void>;
}

/** Where something in a log begins, and what follows it. */
export interface LogStretch {
  readonly offset: number;
  readonly next: number;
}

export type LogItem =
  | { readonly kind: 'record'; readonly offset: number; readonly next: number; readonly record: Uint8Array }
  /** Bytes that hold no intact record though intact ones follow: lost on this disk, to be fetched from peers again. */
  | { readonly kind: 'damaged'; readonly offset: number; readonly next: number };

/** The largest record: a bundle of one entry at every bound, with room to spare. Bytes. */
export const recordBytesMax = 2 * 1024 * 1024;
