import type { Timers } from '@lattice/model';

export interface AllowanceOptions {
  readonly burst: number;
  /** How long it takes until there is one more to take. */
  readonly everyMs: number;
}

/** How often something may be done: some times at once, and then again every so often (a token bucket). */
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

  /** Whether it may be done now; if so, it counts as done. */
  take(): boolean {
    const { burst, everyMs } = this.#options;
    const nowMs = this.#timers.monotonicMs();
    this.#left = Math.min(burst, this.#left + (nowMs - this.#asOfMs) / everyMs);
    this.#asOfMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
