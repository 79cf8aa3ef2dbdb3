import { assert, fromUtf8, LatticeError } from '@lattice/model';
import { assertTableName, type KvSnapshot, kvTablesMax, type OrderedKv, type Table } from '@lattice/storage';
import { type Database, open, type RootDatabase } from 'lmdb';
import { dirname } from 'node:path';
import { diskError, diskFull } from './disk-errors.js';
import { hasRoom } from './disk-room.js';
import { syncFile } from './durable-files.js';
import { lmdbError } from './lmdb-errors.js';
import { LmdbSnapshots } from './lmdb-snapshots.js';
import { LmdbTable, type LmdbGate } from './lmdb-table.js';

export interface LmdbKvOptions {
  /**
   * Whether each commit is synced. One that is not survives a crash of the process; after a crash of the machine the file
   * may be damaged and must not be opened again.
   */
  readonly durable: boolean;
  /** How much address space to begin with. */
  readonly mapBytes?: number;
}

const binary = { encoding: 'binary', keyEncoding: 'binary', cache: false } as const;

/** Of address space, not of memory or disk: enough for most; LMDB doubles it when it is used up. */
const mapBytes = 1024 ** 3;

/** Not a name that callers can use. */
const probeTable = '_probe';

/** `OrderedKv` in an LMDB file. The file must have been checked before. */
export class LmdbKv implements OrderedKv {
  readonly #tables = new Map<string, LmdbTable>();
  readonly #gate: LmdbGate = { isOpen: true, isWriting: false };
  readonly #snapshots: LmdbSnapshots;
  /** What is being committed on a thread of LMDB's; never rejects. */
  #aside: Promise<void> | undefined;

  private constructor(
    private readonly environment: RootDatabase<Uint8Array, Uint8Array>,
    private readonly path: string,
    private readonly options: LmdbKvOptions,
  ) {
    this.#snapshots = new LmdbSnapshots(environment, this.#gate, (error) => this.#error(error));
  }

  static open(path: string, options: LmdbKvOptions): LmdbKv {
    try {
      const environment = open<Uint8Array, Uint8Array>({
        ...binary,
        path,
        noSubdir: true,
        noSync: !options.durable,
        overlappingSync: false,
        // What is queued is to be a transaction by itself, and not whatever else comes in the same turn.
        eventTurnBatching: false,
        // Not `useWritemap`, with which a full disk is a bus error; not `noMemInit`, which leaves memory in the file.
        mapSize: options.mapBytes ?? mapBytes,
        pageSize: 4096,
        maxDbs: kvTablesMax + 2,
      });
      return new LmdbKv(environment, path, options);
    } catch (error) {
      throw lmdbError(error, path, `opening ${path}`);
    }
  }

  table(name: string): Table {
    assertTableName(name);
    return this.#table(name);
  }

  async dropTable(name: string): Promise<void> {
    assertTableName(name);
    this.#assertIdle();
    await this.#aside;
    this.#drop([name]);
  }

  transaction<T>(work: () => T): T {
    this.#assertIdle();
    // LMDB would let it go first where the other one has not begun.
    assert(this.#aside === undefined, 'no transaction is being committed');
    const results: T[] = [];
    this.#gate.isWriting = true;
    try {
      // What the callback returns must not be a promise, not even one of LMDB's: it would wait for it to commit.
      this.environment.transactionSync(() => {
        const result = work();
        assert(!(result instanceof Promise), 'a transaction is synchronous');
        results.push(result);
      });
    } catch (error) {
      throw this.#error(error);
    } finally {
      this.#gate.isWriting = false;
    }
    return results[0] as T;
  }

  async transactionAside(work: () => void): Promise<void> {
    this.#assertIdle();
    assert(this.#aside === undefined, 'no transaction is being committed');
    const committing = this.#queue(work);
    this.#aside = committing.catch(() => undefined);
    try {
      await committing;
    } finally {
      this.#aside = undefined;
    }
  }

  room(): Promise<void> {
    return Promise.resolve();
  }

  requireRoom(): void {
    // Only a transaction finds out.
  }

  snapshot(): KvSnapshot {
    this.#assertIdle();
    // A read transaction knows the tables that were opened before it began.
    const names = this.#names().filter((name) => !this.#snapshots.isDropped(name));
    return this.#snapshots.take(new Map(names.map((name) => [name, this.#table(name).database])));
  }

  async clear(): Promise<void> {
    this.#assertIdle();
    await this.#aside;
    this.#drop(this.#names());
  }

  async flush(): Promise<void> {
    this.#assertIdle();
    if (this.options.durable) return;
    try {
      // Syncing by another descriptor writes all that the file has in memory, off the main thread.
      await syncFile(this.path);
    } catch (error) {
      throw diskError(error, `syncing ${this.path}`, dirname(this.path));
    }
  }

  /** Copies what is committed into a new file, without what is free in this one, off the main thread; commits go on meanwhile. */
  async copyTo(path: string): Promise<void> {
    this.#assertIdle();
    try {
      await this.environment.backup(path, true);
    } catch (error) {
      // LMDB tells only in words what went wrong.
      if (!hasRoom(dirname(path))) throw diskFull(`copying to ${path}`, error, dirname(path));
      throw diskError(error, `copying to ${path}`, dirname(path));
    }
  }

  /** Reads both ends of each table and commits something, so that a damaged file does its worst now. */
  probe(): void {
    for (const name of this.#names()) {
      const table = this.#table(name);
      for (const reverse of [false, true]) for (const _ of table.range({ limit: 1, reverse }));
    }
    const probes = this.#table(probeTable);
    const key = Uint8Array.of(0);
    this.transaction(() => probes.put(key, Uint8Array.of((probes.get(key)?.[0] ?? 0) + 1)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#gate.isOpen) return;
    this.#assertIdle();
    await this.#aside;
    // LMDB must not be closed under a read transaction.
    this.#snapshots.closeAll();
    this.#gate.isOpen = false;
    await this.environment.close();
  }

  /** Lets LMDB's thread write what `work` puts and removes. All of it is queued in this turn, or the rest would be cut off. */
  async #queue(work: () => void): Promise<void> {
    this.#gate.isWriting = true;
    let committed: Promise<unknown>;
    try {
      committed = this.environment.batch(work);
    } finally {
      this.#gate.isWriting = false;
    }
    try {
      await committed;
    } catch (error) {
      throw this.#error(await causeOf(error));
    }
  }

  #table(name: string): LmdbTable {
    assert(this.#gate.isOpen, 'the key-value store is open');
    const known = this.#tables.get(name);
    if (known !== undefined) return known;
    // LMDB forgets a table that is made in a transaction that fails, and then crashes when it is used.
    this.#assertIdle();
    assert(this.#tables.size <= kvTablesMax, `at most ${kvTablesMax} tables`);
    const table = new LmdbTable(this.#snapshots.reuse(name) ?? this.#database(name), this.#gate, (error) =>
      this.#error(error),
    );
    this.#tables.set(name, table);
    return table;
  }

  #database(name: string): Database<Uint8Array, Uint8Array> {
    try {
      return this.environment.openDB<Uint8Array, Uint8Array>(name, binary);
    } catch (error) {
      throw this.#error(error);
    }
  }

  #drop(names: readonly string[]): void {
    this.#assertIdle();
    const tables = new Map(names.map((name) => [name, this.#table(name)]));
    for (const table of tables.values()) table.retire();
    try {
      this.#snapshots.drop(new Map([...tables].map(([name, { database }]) => [name, database])));
    } catch (error) {
      throw this.#error(error);
    } finally {
      for (const name of names) this.#tables.delete(name);
    }
  }

  #names(): readonly string[] {
    return [...this.environment.getKeys()].flatMap((key) => fromUtf8(key)?.replace(/\0$/, '') ?? []);
  }

  #assertIdle(): void {
    assert(this.#gate.isOpen, 'the key-value store is open');
    assert(!this.#gate.isWriting, 'no transaction is under way');
  }

  #error(error: unknown): unknown {
    return error instanceof LatticeError ? error : lmdbError(error, this.path, `writing to ${this.path}`);
  }
}

/** Of what is committed aside LMDB tells in a promise that it failed, and in another one why. */
async function causeOf(error: unknown): Promise<unknown> {
  const cause: unknown = error instanceof Error && 'commitError' in error ? error.commitError : undefined;
  if (!(cause instanceof Promise)) return error;
  return cause.then(
    () => error,
    (reason: unknown) => reason,
  );
}
