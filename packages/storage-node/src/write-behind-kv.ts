import { assert } from '@lattice/model';
import { assertTableName, type KvSnapshot, type Table } from '@lattice/storage';
import type { CopyableKv } from './copyable-kv.js';
import { later } from './system-ports.js';
import { WriteBehindSnapshot } from './write-behind-snapshot.js';
import { WriteBehindGate, WriteBehindTable } from './write-behind-table.js';

/** What is pending is written when it has waited so long, or when there is so much of it. */
const waitMs = 50;
const writesMax = 8_192;
const bytesMax = 4 * 1024 * 1024;
/** How often what could not be written is tried again, though nobody asks for anything. */
const retryMs = 5_000;

/**
 * Gathers what several transactions write in memory, and writes it to another store in one: each key once, in the order of
 * keys, so that a page that many of them touch is copied once. A crash of the process loses the last transactions, whole
 * ones: for what can be computed again from where the last one that was written ended.
 */
export class WriteBehindKv implements CopyableKv {
  readonly #below: CopyableKv;
  readonly #gate = new WriteBehindGate();
  readonly #tables = new Map<string, WriteBehindTable>();
  #cancelTimer: (() => void) | undefined;
  #hasFailed = false;

  constructor(below: CopyableKv) {
    this.#below = below;
  }

  table(name: string): Table {
    assertTableName(name);
    const known = this.#tables.get(name);
    if (known) return known;
    this.#assertIdle();
    const table = new WriteBehindTable(this.#below.table(name), this.#gate);
    this.#tables.set(name, table);
    return table;
  }

  dropTable(name: string): void {
    assertTableName(name);
    this.#assertIdle();
    this.#writeThrough();
    this.#below.dropTable(name);
    this.#tables.get(name)?.drop();
    this.#tables.delete(name);
  }

  /** Writes first where much is pending, so that it is before anything is changed that it finds the disk full. */
  transaction<T>(work: () => T): T {
    this.#assertIdle();
    if (this.#hasFailed || this.#gate.writes >= writesMax || this.#gate.bytes >= bytesMax)
      this.#writeThrough();
    this.#gate.isWriting = true;
    try {
      const result = work();
      assert(!(result instanceof Promise), 'a transaction is synchronous');
      this.#gate.commit();
      return result;
    } catch (error) {
      this.#gate.rollBack();
      throw error;
    } finally {
      this.#gate.isWriting = false;
      if (this.#gate.writes > 0) this.#cancelTimer ??= later(waitMs, () => this.#onTimer());
    }
  }

  /** Of what is below, to which it writes what is pending first. Where there is no room for that, it shows it all the same. */
  snapshot(): KvSnapshot {
    this.#assertIdle();
    const failure = this.#tryToWriteThrough();
    const below = this.#below.snapshot();
    // As transactions are refused from now on until it is written and forgotten, nothing changes what is pending.
    const pending = failure === undefined ? [] : [...this.#tables];
    const byTable = new Map(pending.map(([name, table]) => [name, table.pending]));
    return new WriteBehindSnapshot(below, this.#gate, byTable);
  }

  clear(): void {
    this.#assertIdle();
    this.#below.clear();
    this.#forgetPending();
    for (const table of this.#tables.values()) table.drop();
    this.#tables.clear();
  }

  async flush(): Promise<void> {
    this.#writeThrough();
    await this.#below.flush();
  }

  async copyTo(path: string): Promise<void> {
    this.#writeThrough();
    await this.#below.copyTo(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#gate.isOpen) return;
    this.#tryToWriteThrough();
    this.#cancelTimer?.();
    this.#gate.isOpen = false;
    await this.#below[Symbol.asyncDispose]();
  }

  #onTimer(): void {
    this.#cancelTimer = undefined;
    this.#tryToWriteThrough();
  }

  /** Returns why it cannot. The next transaction tries again, and tells whoever asked for that. */
  #tryToWriteThrough(): unknown {
    try {
      this.#writeThrough();
      return undefined;
    } catch (error) {
      return error;
    }
  }

  #writeThrough(): void {
    this.#assertIdle();
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    if (this.#gate.writes === 0) return;
    try {
      this.#below.transaction(() => {
        for (const table of this.#tables.values()) table.writeThrough();
      });
    } catch (error) {
      this.#hasFailed = true;
      this.#cancelTimer = later(retryMs, () => this.#onTimer());
      throw error;
    }
    this.#hasFailed = false;
    this.#forgetPending();
  }

  #forgetPending(): void {
    for (const table of this.#tables.values()) table.forgetPending();
    this.#gate.writes = 0;
    this.#gate.bytes = 0;
  }

  #assertIdle(): void {
    assert(this.#gate.isOpen, 'the key-value store is open');
    assert(!this.#gate.isWriting, 'no transaction is under way');
  }
}
