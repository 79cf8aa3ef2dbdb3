import type { Cancel, Timers } from '@lattice/model';

/** So much longer than a recount took is the pause after it: whatever members write, it takes a tenth of the time. */
const pausePerWork = 9;

/**
 * When entries of others may have everything counted anew: the first time at once, and then with pauses in between, as who
 * sends entry after entry that takes another one's place could keep a node from all else. All that arrives in a pause is
 * taken into account at its end, in one go.
 */
export class RecountPace {
  readonly #timers: Timers;
  readonly #onPauseOver: () => void;
  #pauseUntilMs = -Infinity;
  #cancelAlarm: Cancel | undefined;

  /** `onPauseOver` is called after a pause in which something came to wait for its end. */
  constructor(timers: Timers, onPauseOver: () => void) {
    this.#timers = timers;
    this.#onPauseOver = onPauseOver;
  }

  /** Whether it is to wait; then the end of the pause is told. */
  mustWait(): boolean {
    const leftMs = this.#pauseUntilMs - this.#timers.monotonicMs();
    if (leftMs <= 0) return false;
    this.#cancelAlarm ??= this.#timers.after(leftMs, () => {
      this.#cancelAlarm = undefined;
      this.#onPauseOver();
    });
    return true;
  }

  async time(work: () => Promise<void>): Promise<void> {
    const beganMs = this.#timers.monotonicMs();
    try {
      await work();
    } finally {
      const endedMs = this.#timers.monotonicMs();
      this.#pauseUntilMs = endedMs + pausePerWork * (endedMs - beganMs);
    }
  }

  close(): void {
    this.#cancelAlarm?.();
  }
}
