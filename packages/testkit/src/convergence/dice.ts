/** A reproducible stream of choices from one seed. Seed 0 always chooses the first, so that a shrunken failure is plain. */
export class Dice {
  readonly #plain: boolean;
  #state: number;

  constructor(seed: number) {
    this.#plain = seed === 0;
    this.#state = seed;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    if (this.#plain) return 0;
    // Mulberry32 (Tommy Ettinger).
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let bits = Math.imul(this.#state ^ (this.#state >>> 15), this.#state | 1);
    bits ^= bits + Math.imul(bits ^ (bits >>> 7), bits | 61);
    return Math.floor((((bits ^ (bits >>> 14)) >>> 0) / 0x1_0000_0000) * limit);
  }

  /** Once in so many times; never with seed 0. */
  oneIn(times: number): boolean {
    return this.below(times) === times - 1 && !this.#plain;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }

  /** A copy in another order. */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.map(() => left.splice(this.below(left.length), 1)[0] as T);
  }
}
