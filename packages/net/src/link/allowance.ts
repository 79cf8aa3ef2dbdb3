import type { Timers } from '@lattice/model';

export interface AllowanceOptions {
  readonly burst: number;
  /** How long it takes until there is one more to take. */
  readonly everyMs: number;
}

/** How much of something may be done: so much at once, and then one more every so often (a token bucket). */
export class Allowance {
  readonly #timers: Timers;
  readonly #options: AllowanceOptions;
  #left: number;
  #asOfMs: number;

  constructor(timers: Timers, options: AllowanceOptions) {
    this.#timers = timers;
    this.#options = options;
    this.#left = options.burst;
    this.#asOfMs = timers.monotonicMs();
  }

  /** Whether so much may be done now; if so, it counts as done. */
  take(amount = 1): boolean {
    const { burst, everyMs } = this.#options;
    const nowMs = this.#timers.monotonicMs();
    this.#left = Math.min(burst, this.#left + (nowMs - this.#asOfMs) / everyMs);
    this.#asOfMs = nowMs;
    if (this.#left < amount) return false;
    this.#left -= amount;
    return true;
  }

  /** Of what was taken, so much was not done. */
  giveBack(amount: number): void {
    this.#left = Math.min(this.#options.burst, this.#left + amount);
  }
}
