import type { Clock, Timers } from '@lattice/model';

/** No clock of a machine that runs this is before that, unless it was never set: a board without a battery boots in 1970. */
const unsetBeforeMs = Date.UTC(2025, 0, 1);

/** A clock is set to the time of another zone, or stands still while the battery is out; more than that is no slip. */
const slipMaxMs = 24 * 3_600_000;

/**
 * The node's idea of now: what the machine's clock says or, as long as that was never set, the latest that is known for
 * certain to be past, and what went by since. Without it a node that booted in 1970 would hold everything as dated in the
 * future. A clock that is set back, while the node runs or was away, goes on from what its stores say, too: else what is
 * written would be older than what it replaces, and than the writer's own admission.
 */
export class NodeClock implements Clock {
  readonly #system: Clock;
  readonly #timers: Timers;
  /** A time that has passed. */
  #known: Heard | undefined;
  /** The same, for a clock that is set, and may be set back. */
  #recalled: Heard | undefined;

  constructor(system: Clock, timers: Timers) {
    this.#system = system;
    this.#timers = timers;
  }

  /** Whether the machine's clock was set, rightly or wrongly. */
  get isSet(): boolean {
    return this.#system.nowMs() >= unsetBeforeMs;
  }

  nowMs(): number {
    const nowMs = this.#system.nowMs();
    const recalledMs = this.#since(this.#recalled) ?? nowMs;
    if (!this.isSet) return Math.max(this.#since(this.#known) ?? nowMs, recalledMs);
    return recalledMs <= nowMs + slipMaxMs ? Math.max(nowMs, recalledMs) : nowMs;
  }

  /** By how much the machine's clock, which is set, is behind what the node goes by. */
  get behindMs(): number {
    return this.isSet ? this.nowMs() - this.#system.nowMs() : 0;
  }

  /** Takes note that it is that late at least. Of no consequence where the machine has a clock to go by. */
  hearOf(nowMs: number): void {
    if (!this.isSet && nowMs > this.nowMs()) this.#known = { nowMs, atMs: this.#timers.monotonicMs() };
  }

  /** Takes note that it is that late at least, whatever the machine's clock says from now on. */
  recall(nowMs: number): void {
    if (nowMs <= (this.#since(this.#recalled) ?? 0)) return;
    this.#recalled = { nowMs, atMs: this.#timers.monotonicMs() };
  }

  /** Goes by the machine's clock again: it is right, whatever the stores say. */
  trust(): void {
    if (this.isSet) this.#recalled = undefined;
  }

  #since(heard: Heard | undefined): number | undefined {
    return heard && Math.floor(heard.nowMs + this.#timers.monotonicMs() - heard.atMs);
  }
}

/** A time, and the monotonic time at which it was that late. */
interface Heard {
  readonly nowMs: number;
  readonly atMs: number;
}
