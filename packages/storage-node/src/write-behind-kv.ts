import { assert } from '@lattice/model';
import { assertTableName, type KvSnapshot, type Table } from '@lattice/storage';
import type { BackgroundKv, CopyableKv } from './copyable-kv.js';
import { later } from './system-ports.js';
import { WriteBehindSnapshot } from './write-behind-snapshot.js';
import { WriteBehindGate, WriteBehindTable } from './write-behind-table.js';

/** What is pending is written when it has waited so long, or when there is so much of it. */
const waitMs = 50;
const writesMax = 4_096;
const bytesMax = 4 * 1024 * 1024;
/** How often what could not be written is tried again, though nobody asks for anything. */
const retryMs = 5_000;

/**
 * Gathers what several transactions write in memory, and has it written to another store in one, beside this thread. What is
 * being written stays readable here until it is there. A crash of the process loses the last transactions, whole ones: for
 * what can be computed again from where the last one that was written ended.
 */
export class WriteBehindKv implements CopyableKv {
  readonly #below: BackgroundKv;
  readonly #gate = new WriteBehindGate();
  readonly #tables = new Map<string, WriteBehindTable>();
  #cancelTimer: (() => void) | undefined;
  /** Never rejects. */
  #writing: Promise<void> | undefined;
  /** What was set aside could not be written: nothing is committed until it is. */
  #hasFailed = false;
  /** The next transaction is let in all the same: somebody relies on it. */
  #isPromised = false;

  constructor(below: BackgroundKv) {
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

  async dropTable(name: string): Promise<void> {
    assertTableName(name);
    this.#assertIdle();
    await this.#drain();
    await this.#below.dropTable(name);
    this.#tables.get(name)?.drop();
    this.#tables.delete(name);
  }

  /** Where what is pending could not be written, it is tried again first, so that the disk is found full before anything is changed. */
  transaction<T>(work: () => T): T {
    this.#assertIdle();
    if (this.#hasFailed && !this.#isPromised) this.#writeNow();
    else if (this.#isFull && !this.#hasFailed) void this.#beginWriting();
    this.#isPromised = false;
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
      if (this.#gate.writes > 0) this.#writeSoon();
    }
  }

  async room(): Promise<void> {
    while (this.#isFull && !this.#hasFailed) {
      // What is pending makes room at once by being set aside, unless something is on its way below already.
      const before = this.#writing;
      void this.#beginWriting();
      await before;
    }
  }

  requireRoom(): void {
    this.#assertIdle();
    if (this.#hasFailed) this.#writeNow();
    this.#isPromised = true;
  }

  /** Of what is below, and of what is on its way there. */
  snapshot(): KvSnapshot {
    this.#assertIdle();
    const below = this.#below.snapshot();
    this.#setAside();
    const aside = new Map([...this.#tables].map(([name, table]) => [name, table.aside]));
    return new WriteBehindSnapshot(below, this.#gate, aside);
  }

  async clear(): Promise<void> {
    this.#assertIdle();
    await this.#writing;
    await this.#below.clear();
    this.#gate.forget();
    for (const table of this.#tables.values()) table.drop();
    this.#tables.clear();
  }

  async flush(): Promise<void> {
    await this.#drain();
    await this.#below.flush();
  }

  async copyTo(path: string): Promise<void> {
    await this.#drain();
    await this.#below.copyTo(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#gate.isOpen) return;
    this.#assertIdle();
    await this.#drain().catch(() => undefined);
    this.#cancelTimer?.();
    this.#gate.isOpen = false;
    await this.#below[Symbol.asyncDispose]();
  }

  get #isEmpty(): boolean {
    return this.#gate.writes === 0 && [...this.#tables.values()].every(({ aside }) => aside.length === 0);
  }

  get #isFull(): boolean {
    return this.#gate.writes >= writesMax || this.#gate.bytes >= bytesMax;
  }

  /** Whatever is being written then: what is left is looked at when that is done. */
  #writeSoon(): void {
    this.#cancelTimer ??= later(waitMs, () => this.#onTimer());
  }

  #onTimer(): void {
    this.#cancelTimer = undefined;
    if (!this.#hasFailed) void this.#beginWriting();
    else this.#tryAgain();
  }

  /** The next transaction tries again, too, and tells whoever asked for that why it cannot. */
  #tryAgain(): void {
    try {
      this.#writeNow();
    } catch {
      // It says when it is tried again.
    }
  }

  /** Writes what was committed until now; what is committed meanwhile may be left. */
  async #drain(): Promise<void> {
    this.#assertIdle();
    await this.#writing;
    if (!this.#hasFailed) await this.#beginWriting();
    if (this.#hasFailed) this.#writeNow();
  }

  /** Has all that is pending written, unless something is being written already. Resolves when that is done, well or not. */
  #beginWriting(): Promise<void> {
    this.#assertIdle();
    if (this.#isEmpty) return Promise.resolve();
    return (this.#writing ??= this.#write());
  }

  async #write(): Promise<void> {
    this.#stopTimer();
    this.#setAside();
    const written = [...this.#tables.values()].map((table) => ({ table, layers: table.aside.length }));
    try {
      await this.#below.transactionAside(() => {
        for (const { table } of written) table.writeAside();
      });
      this.#writing = undefined;
      for (const { table, layers } of written) table.forgetAside(layers);
      if (!this.#isEmpty) this.#writeSoon();
    } catch {
      this.#writing = undefined;
      this.#tryAgain();
    }
  }

  /** The same at once, and on this thread: so it is known why it fails. */
  #writeNow(): void {
    this.#assertIdle();
    assert(this.#writing === undefined, 'nothing is being written');
    this.#stopTimer();
    this.#setAside();
    try {
      this.#below.transaction(() => {
        for (const table of this.#tables.values()) table.writeAside();
      });
    } catch (error) {
      this.#hasFailed = true;
      this.#cancelTimer = later(retryMs, () => this.#onTimer());
      throw error;
    }
    this.#hasFailed = false;
    for (const table of this.#tables.values()) table.forgetAside(table.aside.length);
  }

  #stopTimer(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
  }

  /** What is committed from now on is gathered apart from what was until now. */
  #setAside(): void {
    if (this.#gate.writes === 0) return;
    for (const table of this.#tables.values()) table.setAside();
    this.#gate.forget();
  }

  #assertIdle(): void {
    assert(this.#gate.isOpen, 'the key-value store is open');
    assert(!this.#gate.isWriting, 'no transaction is under way');
  }
}
