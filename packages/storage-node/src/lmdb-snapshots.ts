import { assert, type StateView } from '@lattice/model';
import { assertTableName, type KvSnapshot, kvSnapshotsMax } from '@lattice/storage';
import type { Database, RootDatabase, Transaction } from 'lmdb';
import type { LmdbGate } from './lmdb-table.js';
import { LmdbView } from './lmdb-view.js';

type LmdbDatabase = Database<Uint8Array, Uint8Array>;

/** So many dropped tables are kept for the snapshots that have them: each takes one of LMDB's places for tables. */
const emptiedMax = 16;

/** A table that was dropped while snapshots had it. */
interface Emptied {
  readonly database: LmdbDatabase;
  readonly neededBy: Set<LmdbSnapshot>;
}

/**
 * The open snapshots of an LMDB file, each a read transaction. Those survive that the map is resized and that tables are
 * made, but reading a table that was dropped since crashes the process, as its handle is closed: so one that a snapshot
 * has is only emptied, and dropped when the last of these snapshots is gone.
 */
export class LmdbSnapshots {
  readonly #environment: RootDatabase<Uint8Array, Uint8Array>;
  readonly #gate: LmdbGate;
  readonly #asError: (error: unknown) => unknown;
  readonly #open = new Set<LmdbSnapshot>();
  readonly #emptied = new Map<string, Emptied>();

  constructor(
    environment: RootDatabase<Uint8Array, Uint8Array>,
    gate: LmdbGate,
    asError: (error: unknown) => unknown,
  ) {
    this.#environment = environment;
    this.#gate = gate;
    this.#asError = asError;
  }

  /** `databases`: all that there are, by name. Outside of transactions. */
  take(databases: ReadonlyMap<string, LmdbDatabase>): KvSnapshot {
    assert(this.#open.size < kvSnapshotsMax, `at most ${kvSnapshotsMax} snapshots`);
    const snapshot: LmdbSnapshot = new LmdbSnapshot(databases, this.#environment.useReadTransaction(), {
      assertReadable: () => this.#assertReadable(snapshot),
      asError: this.#asError,
      onClosed: () => this.#closed(snapshot),
    });
    this.#open.add(snapshot);
    return snapshot;
  }

  /** The handle of a table that was dropped and is empty; from here on it is one that was not. */
  reuse(name: string): LmdbDatabase | undefined {
    const database = this.#emptied.get(name)?.database;
    this.#emptied.delete(name);
    return database;
  }

  /** Whether nothing more than its name is left of that table. */
  isDropped(name: string): boolean {
    return this.#emptied.has(name);
  }

  /** Drops tables, of which nothing more than their names may be left for a while. Outside of transactions. */
  drop(databases: ReadonlyMap<string, LmdbDatabase>): void {
    const emptied = new Map<string, Emptied>();
    this.#environment.transactionSync(() => {
      for (const [name, database] of databases) {
        const neededBy = [...this.#open].filter((snapshot) => snapshot.has(database));
        if (neededBy.length > 0) {
          database.clearSync();
          emptied.set(name, { database, neededBy: new Set(neededBy) });
        } else database.dropSync();
      }
    });
    for (const [name, one] of emptied) this.#emptied.set(name, one);
    for (const oldest of this.#open) {
      if (this.#emptied.size <= emptiedMax) return;
      oldest[Symbol.dispose]();
    }
  }

  closeAll(): void {
    for (const snapshot of this.#open) snapshot[Symbol.dispose]();
  }

  #closed(snapshot: LmdbSnapshot): void {
    this.#open.delete(snapshot);
    for (const { neededBy } of this.#emptied.values()) neededBy.delete(snapshot);
    const unneeded = [...this.#emptied].filter(([, { neededBy }]) => neededBy.size === 0);
    if (unneeded.length === 0) return;
    try {
      this.#environment.transactionSync(() => {
        for (const [, { database }] of unneeded) database.dropSync();
      });
      for (const [name] of unneeded) this.#emptied.delete(name);
    } catch {
      // Without room on the disk, say. They are empty, and tried again with the next snapshot that ends.
    }
  }

  #assertReadable(snapshot: LmdbSnapshot): void {
    assert(this.#gate.isOpen, 'the key-value store is open');
    assert(snapshot.isOpen, 'the snapshot is open');
    // In a write transaction LMDB reads what that sees, whichever transaction it is told to read in.
    assert(!this.#gate.isWriting, 'no transaction is under way');
  }
}

/** What a snapshot asks of its store. */
interface SnapshotOwner {
  readonly assertReadable: () => void;
  readonly asError: (error: unknown) => unknown;
  readonly onClosed: () => void;
}

class LmdbSnapshot implements KvSnapshot {
  readonly #databases: ReadonlyMap<string, LmdbDatabase>;
  readonly #transaction: Transaction;
  readonly #owner: SnapshotOwner;
  #isOpen = true;

  constructor(databases: ReadonlyMap<string, LmdbDatabase>, transaction: Transaction, owner: SnapshotOwner) {
    this.#databases = databases;
    this.#transaction = transaction;
    this.#owner = owner;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  has(database: LmdbDatabase): boolean {
    return [...this.#databases.values()].includes(database);
  }

  table(name: string): StateView {
    assertTableName(name);
    const { assertReadable, asError } = this.#owner;
    const database = this.#databases.get(name);
    return database ? new LmdbView(database, assertReadable, asError, this.#transaction) : nothing;
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#transaction.done();
    this.#owner.onClosed();
  }
}

const nothing: StateView = { get: () => undefined, range: () => [] };
