import type { Cancel, Clock, Timers } from '@lattice/model';

const lookEveryMs = 2_000;
/** A look that comes so much too late means that this process did not run. (A busy one is late too, and loses nothing by it.) */
const asleepMs = 5_000;

export interface WakefulnessOptions {
  readonly clock: Clock;
  readonly timers: Timers;
  /** This process runs again, after it did not for so long. */
  readonly onAwake: (sleptMs: number) => void;
}

/**
 * Notices that the machine slept, or that the process was stopped. While a machine sleeps its monotonic clock stands still on some
 * systems and goes on on others, and the wall clock goes on on all: whichever says more is believed. That somebody set the wall
 * clock looks the same, and does no harm: peers are asked whether they are there.
 */
export class Wakefulness implements Disposable {
  readonly #options: WakefulnessOptions;
  #atMs: number;
  #nowMs: number;
  #cancel: Cancel;

  constructor(options: WakefulnessOptions) {
    this.#options = options;
    this.#atMs = options.timers.monotonicMs();
    this.#nowMs = options.clock.nowMs();
    this.#cancel = this.#lookLater();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #lookLater(): Cancel {
    return this.#options.timers.after(lookEveryMs, () => this.#look());
  }

  #look(): void {
    const { clock, timers, onAwake } = this.#options;
    const [atMs, nowMs] = [timers.monotonicMs(), clock.nowMs()];
    const lateMs = Math.max(atMs - this.#atMs, nowMs - this.#nowMs) - lookEveryMs;
    [this.#atMs, this.#nowMs] = [atMs, nowMs];
    this.#cancel = this.#lookLater();
    if (lateMs > asleepMs) onAwake(lateMs);
  }
}
