import { assert, type RangeOptions, type StateView } from '@lattice/model';
import { assertKvKey, assertKvRange, type KvSnapshot } from '@lattice/storage';
import { layeredRange, layeredValue } from './layers.js';
import type { PendingWrites } from './pending-writes.js';
import type { WriteBehindGate } from './write-behind-table.js';

/**
 * A snapshot of what is below, and of what was on its way there, by table: whether it had arrived when the one below was
 * taken makes no difference. Not to be read in a transaction either.
 */
export class WriteBehindSnapshot implements KvSnapshot {
  readonly #below: KvSnapshot;
  readonly #gate: WriteBehindGate;
  readonly #aside: ReadonlyMap<string, readonly PendingWrites[]>;

  constructor(
    below: KvSnapshot,
    gate: WriteBehindGate,
    aside: ReadonlyMap<string, readonly PendingWrites[]>,
  ) {
    this.#below = below;
    this.#gate = gate;
    this.#aside = aside;
  }

  get isOpen(): boolean {
    return this.#below.isOpen;
  }

  table(name: string): StateView {
    const below = this.#below.table(name);
    const layers = this.#aside.get(name) ?? [];
    const assertReadable = () => this.#assertReadable();
    return {
      get: (key) => {
        assertKvKey(key);
        assertReadable();
        const value = layeredValue(layers, key);
        if (value) return value.slice();
        return value === null ? undefined : below.get(key);
      },
      *range(options: RangeOptions = {}) {
        assertKvRange(options);
        assertReadable();
        for (const pair of layeredRange(layers, below, options)) {
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
