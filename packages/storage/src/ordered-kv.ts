import type { StateTxn, StateView } from '@lattice/model';

/** A named, ordered map of bytes in an `OrderedKv`. Keys are 1 to 1,900 bytes, ordered bytewise. */
export type Table = StateTxn;

/**
 * An embedded, ordered key-value store with tables and atomic transactions. Reads see the last committed transaction,
 * and inside a transaction its own writes. Of what is written while a range is being read, the rest of that range may
 * show some and not show some; removing what was read is safe. Nothing read is a view that the engine may change later.
 */
export interface OrderedKv extends AsyncDisposable {
  /**
   * The table of that name (1 to 64 characters of a-z, 0-9, '-', '.'; at most 64 tables), made when it is not there.
   * Tables are made, dropped and cleared outside of transactions.
   */
  table(name: string): Table;

  /**
   * Drops a table and its content; a `Table` held for it is of no more use. Nothing is committed meanwhile. Rejects with
   * `disk-full`.
   */
  dropTable(name: string): Promise<void>;

  /**
   * Runs `work`, synchronously, as one transaction: all of its writes or, if it throws, none. It does not nest. Writes
   * outside of a transaction are refused by an assertion. Throws `disk-full` when there is no room; nothing is changed.
   */
  transaction<T>(work: () => T): T;

  /**
   * Resolves when there is room in memory for what the next transaction writes, on its way to the disk: to be awaited by
   * whoever makes many, between them.
   */
  room(): Promise<void>;

  /**
   * Throws `disk-full` where the next transaction would, for want of room for those before it. Where it does not, that one is
   * let in whatever becomes of the room meanwhile.
   */
  requireRoom(): void;

  /**
   * All that is committed now, to be read for as long as it is needed. Taken outside of transactions, and read there; at
   * most 64 at a time. What is open when the store is closed is disposed of.
   */
  snapshot(): KvSnapshot;

  /** Removes everything, all tables included: what was held for them is of no more use. Nothing is committed meanwhile. */
  clear(): Promise<void>;

  /** Resolves when all committed so far would survive a crash of the machine. */
  flush(): Promise<void>;
}

/**
 * What an `OrderedKv` held at one moment, whatever is written, dropped or cleared since. An engine on disk cannot reuse
 * what was freed since then, so that its file grows: whoever takes a snapshot disposes of it soon.
 */
export interface KvSnapshot extends Disposable {
  /** An engine ends a snapshot early that has more than 16 tables which were dropped since. */
  readonly isOpen: boolean;
  /** Empty where there was no table of that name. Reading it when the snapshot is not open is refused by an assertion. */
  table(name: string): StateView;
}
