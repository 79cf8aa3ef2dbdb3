import type { Clock, Timers } from '@lattice/model';

/** No clock of a machine that runs this is before that, unless it was never set: a board without a battery boots in 1970. */
const unsetBeforeMs = Date.UTC(2025, 0, 1);

/**
 * The node's idea of now: what the machine's clock says or, as long as that was never set, the latest that is known for
 * certain to be past, and what went by since. Without it a node that booted in 1970 would hold everything as dated in the
 * future.
 */
export class NodeClock implements Clock {
  readonly #system: Clock;
  readonly #timers: Timers;
  /** A time that has passed, and the monotonic time when it was heard of. */
  #known: { readonly nowMs: number; readonly atMs: number } | undefined;

  constructor(system: Clock, timers: Timers) {
    this.#system = system;
    this.#timers = timers;
  }

  /** Whether the machine's clock was set, rightly or wrongly. */
  get isSet(): boolean {
    return this.#system.nowMs() >= unsetBeforeMs;
  }

  nowMs(): number {
    if (this.isSet || !this.#known) return this.#system.nowMs();
    return Math.floor(this.#known.nowMs + this.#timers.monotonicMs() - this.#known.atMs);
  }

  /** Takes note that it is that late at least. Of no consequence where the machine has a clock to go by. */
  hearOf(nowMs: number): void {
    if (!this.isSet && nowMs > this.nowMs()) this.#known = { nowMs, atMs: this.#timers.monotonicMs() };
  }
}
