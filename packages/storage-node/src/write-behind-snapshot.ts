import { assert, type RangeOptions, type StateView } from '@lattice/model';
import { assertKvKey, assertKvRange, type KvSnapshot } from '@lattice/storage';
import { mergedRange } from './merged-range.js';
import type { PendingWrites } from './pending-writes.js';
import type { WriteBehindGate } from './write-behind-table.js';

/**
 * A snapshot of what is below, and of what was pending, by table, where that could not be written. Not to be read in a
 * transaction either.
 */
export class WriteBehindSnapshot implements KvSnapshot {
  readonly #below: KvSnapshot;
  readonly #gate: WriteBehindGate;
  readonly #pending: ReadonlyMap<string, PendingWrites>;

  constructor(below: KvSnapshot, gate: WriteBehindGate, pending: ReadonlyMap<string, PendingWrites>) {
    this.#below = below;
    this.#gate = gate;
    this.#pending = pending;
  }

  get isOpen(): boolean {
    return this.#below.isOpen;
  }

  table(name: string): StateView {
    const below = this.#below.table(name);
    const pending = this.#pending.get(name);
    const assertReadable = () => this.#assertReadable();
    return {
      get: (key) => {
        assertKvKey(key);
        assertReadable();
        const value = pending?.find(key)?.value;
        if (value) return new Uint8Array(value);
        return value === null ? undefined : below.get(key);
      },
      *range(options: RangeOptions = {}) {
        assertKvRange(options);
        assertReadable();
        for (const pair of pending ? mergedRange(pending, below, options) : below.range(options)) {
          assertReadable();
          yield pair;
        }
      },
    };
  }

  [Symbol.dispose](): void {
    this.#below[Symbol.dispose]();
  }

  #assertReadable(): void {
    assert(this.isOpen, 'the snapshot is open');
    assert(!this.#gate.isWriting, 'no transaction is under way');
  }
}
