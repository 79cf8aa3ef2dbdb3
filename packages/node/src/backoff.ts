import type { Random } from '@lattice/model';

const firstMs = 250;
/** The longest wait, for who was lost just now and for who has been for an hour: a sixtieth of how long, between these. */
const ceilings = { least: 5_000, share: 1 / 60, most: 60_000 };

/**
 * How long to wait before the next attempt: doubling from a quarter of a second, the second half of it at random, so that a mesh
 * that lost its switch does not come back in step. A network that is back after minutes is noticed within seconds, and who
 * has been away for a day is asked for once a minute.
 */
export class Backoff {
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** `lostMs`: how long the peer has not been there. */
  nextMs(lostMs: number): number {
    const longestMs = Math.min(ceilings.most, Math.max(ceilings.least, lostMs * ceilings.share));
    const ceiling = Math.min(longestMs, firstMs * 2 ** this.#failures);
    this.#failures++;
    const [byte = 0] = this.#random.bytes(1);
    return ceiling / 2 + (ceiling / 2) * (byte / 256);
  }

  reset(): void {
    this.#failures = 0;
  }
}
