import type { Random, Timers } from '@lattice/model';

/** Between reconciliations, should every push have been lost; spread, so that a mesh does not beat in time. */
const reconcileEveryMs = 30_000;

/** When the stores of a connection are to be reconciled again. */
export class ReconcileTimes {
  readonly #timers: Timers;
  readonly #random: Random;
  #nextMs: number;

  constructor(timers: Timers, random: Random) {
    this.#timers = timers;
    this.#random = random;
    this.#nextMs = this.#later();
  }

  /** Whether it is time; if so, the next time comes after another while. */
  isDue(): boolean {
    if (this.#timers.monotonicMs() < this.#nextMs) return false;
    this.#nextMs = this.#later();
    return true;
  }

  #later(): number {
    return this.#timers.monotonicMs() + jitter(reconcileEveryMs, this.#random);
  }
}

/** Between three quarters and five quarters of it. */
function jitter(ms: number, random: Random): number {
  const [byte = 0] = random.bytes(1);
  return ms * (0.75 + byte / 512);
}
