import { assert, type RangeOptions } from '@lattice/model';
import { assertKvKey, type Table } from '@lattice/storage';
import type { Database } from 'lmdb';
import { LmdbView } from './lmdb-view.js';
import { sealed } from './sealed-value.js';

/** What all tables of a store share. Using LMDB when it is closed crashes the process, so each use asks first. */
export interface LmdbGate {
  isOpen: boolean;
  isWriting: boolean;
}

export class LmdbTable implements Table {
  readonly #view: LmdbView;
  #isDropped = false;

  constructor(
    readonly database: Database<Uint8Array, Uint8Array>,
    private readonly gate: LmdbGate,
    private readonly asError: (error: unknown) => unknown,
  ) {
    this.#view = new LmdbView(database, () => this.#assertUsable(), asError);
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#view.get(key);
  }

  range(options?: RangeOptions): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
    return this.#view.range(options);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    assertKvKey(key);
    this.#assertWritable();
    try {
      void this.database.put(key, sealed(value));
    } catch (error) {
      throw this.asError(error);
    }
  }

  remove(key: Uint8Array): void {
    assertKvKey(key);
    this.#assertWritable();
    try {
      void this.database.remove(key);
    } catch (error) {
      throw this.asError(error);
    }
  }

  /** From here on the table is of no more use. */
  retire(): void {
    this.#assertUsable();
    this.#isDropped = true;
  }

  #assertUsable(): void {
    assert(this.gate.isOpen, 'the key-value store is open');
    assert(!this.#isDropped, 'the table was not dropped');
  }

  #assertWritable(): void {
    this.#assertUsable();
    assert(this.gate.isWriting, 'writes happen in a transaction');
  }
}
