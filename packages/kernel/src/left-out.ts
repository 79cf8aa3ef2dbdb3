import type { Hlc } from '@lattice/model';
import type { Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';

/**
 * What is left out of what is sent: whatever is later than a horizon or cannot be read, what follows it, and what is signed together with
 * either, since the part of a chain that a bundle carries ends at a signature.
 */
export class LeftOut {
  readonly #index: DagIndex;
  readonly #horizon: Hlc;
  /** By chain, from which seq on. */
  readonly #from = new Map<number, number>();

  constructor(index: DagIndex, horizon: Hlc) {
    this.#index = index;
    this.#horizon = horizon;
  }

  /** Whether nothing was left out until now, so that nothing follows anything that was. */
  get isEmpty(): boolean {
    return this.#from.size === 0;
  }

  /** Whether the entry is left out for its own sake; if not, no entry before it on its chain is. */
  isLate({ time }: EntryRecord): boolean {
    return time > this.#horizon;
  }

  /** Of a chain, from there on. */
  leaveOut({ chain, seq }: Place): void {
    this.#from.set(chain, Math.min(seq, this.#from.get(chain) ?? Number.POSITIVE_INFINITY));
  }

  /** The indexes of those entries of a bundle (in its order) that remain. `chainOf`: the bundle's. */
  without(records: readonly EntryRecord[], chainOf: readonly number[]): readonly number[] {
    let remaining = records;
    for (;;) {
      const stopped = new Set(
        remaining.filter((record) => this.#isLeftOut(record)).map(({ index }) => chainOf[index]),
      );
      if (stopped.size === 0) return remaining.map(({ index }) => index);
      for (const record of remaining) if (stopped.has(chainOf[record.index])) this.leaveOut(record);
      remaining = remaining.filter(({ index }) => !stopped.has(chainOf[index]));
    }
  }

  #isLeftOut(record: EntryRecord): boolean {
    if (this.isLate(record)) return true;
    if (this.isEmpty) return false;
    return (
      this.#has(this.#index.previousOf(record)) ||
      this.#index.depsOf(record).some((dep) => this.#has(this.#index.placeOf(dep)))
    );
  }

  #has(place: Place | undefined): boolean {
    return place !== undefined && place.seq >= (this.#from.get(place.chain) ?? Number.POSITIVE_INFINITY);
  }
}
