import { compareBytes, concatBytes, equalBytes, type StateView } from '@lattice/model';

/** Two tables that should hold the same. */
export interface TablePair {
  readonly name: string;
  /** As it is. Asked for anew for each look. */
  readonly found: () => StateView;
  /** As it should be. */
  readonly wanted: () => StateView;
}

/** A key that is not the same in both. */
export interface Difference {
  readonly table: string;
  readonly key: Uint8Array;
  readonly found: Uint8Array | undefined;
  readonly wanted: Uint8Array | undefined;
}

/**
 * Compares tables key by key, a step at a time. Between steps both may change, as long as they change alike: each step looks
 * at both as they are at that moment, from where the last one ended.
 */
export class TableComparison {
  readonly #pairs: readonly TablePair[];
  #pair = 0;
  #from: Uint8Array | undefined;
  #compared = 0;

  constructor(pairs: readonly TablePair[]) {
    this.#pairs = pairs;
  }

  /** How many keys were looked at. */
  get compared(): number {
    return this.#compared;
  }

  /** Goes on until `isOver` says so, without a pause; returns whether it came to the end. */
  step(isOver: () => boolean, onDifference: (difference: Difference) => void): boolean {
    for (let pair = this.#pairs[this.#pair]; pair; pair = this.#pairs[++this.#pair]) {
      for (const { key, found, wanted } of bothSides(pair, this.#from)) {
        this.#compared++;
        if (!found || !wanted || !equalBytes(found, wanted))
          onDifference({ table: pair.name, key, found, wanted });
        this.#from = concatBytes(key, Uint8Array.of(0));
        if (isOver()) return false;
      }
      this.#from = undefined;
    }
    return true;
  }
}

/** Every key that either has, in order. */
function* bothSides(pair: TablePair, from: Uint8Array | undefined): Generator<Omit<Difference, 'table'>> {
  const options = from ? { gte: from } : {};
  const left = pair.found().range(options)[Symbol.iterator]();
  const right = pair.wanted().range(options)[Symbol.iterator]();
  try {
    let [a, b] = [left.next(), right.next()];
    while (!a.done || !b.done) {
      const order = a.done ? 1 : b.done ? -1 : compareBytes(a.value[0], b.value[0]);
      const key = order <= 0 ? (a.value as Pair)[0] : (b.value as Pair)[0];
      const found = order <= 0 ? (a.value as Pair)[1] : undefined;
      const wanted = order >= 0 ? (b.value as Pair)[1] : undefined;
      yield { key, found, wanted };
      if (order <= 0) a = left.next();
      if (order >= 0) b = right.next();
    }
  } finally {
    left.return?.();
    right.return?.();
  }
}

type Pair = readonly [Uint8Array, Uint8Array];
