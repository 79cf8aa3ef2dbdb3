export interface RateLimit {
  readonly burst: number;
  /** How long it takes until there is one more to take. */
  readonly everyMs: number;
}

/** How often something may be done: some times at once, then again every so often (a token bucket), by a clock handed in. */
export class Rate {
  readonly #limit: RateLimit;
  #left: number;
  #asOfMs: number;

  constructor(limit: RateLimit, nowMs: number) {
    this.#limit = limit;
    this.#left = limit.burst;
    this.#asOfMs = nowMs;
  }

  /** Whether it may be done now; if so, it counts as done. */
  take(nowMs: number): boolean {
    const { burst, everyMs } = this.#limit;
    this.#left = Math.min(burst, this.#left + (nowMs - this.#asOfMs) / everyMs);
    this.#asOfMs = nowMs;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
