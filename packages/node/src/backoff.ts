import type { Random } from '@lattice/model';

const firstMs = 250;
const maxMs = 60_000;

/**
 * How long to wait before the next attempt: doubling from a quarter of a second to a minute, the second half of it at
 * random, so that a mesh that lost its switch does not come back in step.
 */
export class Backoff {
  readonly #random: Random;
  #failures = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  nextMs(): number {
    const ceiling = Math.min(maxMs, firstMs * 2 ** this.#failures);
    this.#failures++;
    const [byte = 0] = this.#random.bytes(1);
    return ceiling / 2 + (ceiling / 2) * (byte / 256);
  }

  reset(): void {
    this.#failures = 0;
  }
}
