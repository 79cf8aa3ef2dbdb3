import { assert, type RangeOptions, type StateView } from '@lattice/model';
import type { KvSnapshot } from '@lattice/storage';
import type { WriteBehindGate } from './write-behind-table.js';

/** A snapshot of what is below, where what was pending had been written. Not to be read in a transaction either. */
export class WriteBehindSnapshot implements KvSnapshot {
  readonly #below: KvSnapshot;
  readonly #gate: WriteBehindGate;

  constructor(below: KvSnapshot, gate: WriteBehindGate) {
    this.#below = below;
    this.#gate = gate;
  }

  get isOpen(): boolean {
    return this.#below.isOpen;
  }

  table(name: string): StateView {
    const below = this.#below.table(name);
    const assertReadable = () => assert(!this.#gate.isWriting, 'no transaction is under way');
    return {
      get: (key) => {
        assertReadable();
        return below.get(key);
      },
      *range(options?: RangeOptions) {
        for (const pair of below.range(options)) {
          assertReadable();
          yield pair;
        }
      },
    };
  }

  [Symbol.dispose](): void {
    this.#below[Symbol.dispose]();
  }
}
