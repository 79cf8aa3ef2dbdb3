import type { Timers } from './ports.js';
import type { Steps } from './steps.js';

/** How long work may keep the event loop before it lets others run. */
const sliceMs = 8;
/** How much of a slice may be over when something begins that takes a while and cannot be interrupted. */
const usedMaxMs = 1;

/** Cuts long work into slices: `await slice.rest()` costs nothing until a slice is over. */
export class TimeSlice {
  readonly #timers: Timers;
  #until: number;

  constructor(timers: Timers) {
    this.#timers = timers;
    this.#until = timers.monotonicMs() + sliceMs;
  }

  get isOver(): boolean {
    return this.#timers.monotonicMs() >= this.#until;
  }

  /** A new slice begins: something was awaited that took a turn of the event loop. */
  begin(): void {
    this.#until = this.#timers.monotonicMs() + sliceMs;
  }

  async rest(): Promise<void> {
    if (!this.isOver) return;
    await this.#timers.yield();
    this.begin();
  }

  /** Rests before something that takes a while and cannot be interrupted, unless the slice has just begun. */
  async restBefore(): Promise<void> {
    if (this.#timers.monotonicMs() < this.#until - sliceMs + usedMaxMs) return;
    await this.#timers.yield();
    this.begin();
  }

  /** Goes on with the work, by one step at least, until it or the slice is over. */
  take<T>(steps: Steps<T>): IteratorResult<void, T> {
    for (;;) {
      const step = steps.next();
      if (step.done === true || this.isOver) return step;
    }
  }

  /**
   * Does all of the work, resting between slices. `within`: what each slice of it is wrapped in, a transaction say. `after`:
   * what is waited for after each, and may take time of the next.
   */
  async finish<T>(
    steps: Steps<T>,
    within: Wrapper = (work) => work(),
    after?: () => Promise<void>,
  ): Promise<T> {
    for (;;) {
      const step = within(() => this.take(steps));
      if (step.done !== true) await this.rest();
      await after?.();
      if (step.done === true) return step.value;
    }
  }
}

export type Wrapper = <R>(work: () => R) => R;
