import type { Timers } from '@lattice/model';

/** How long work may keep the event loop before it lets others run. */
const sliceMs = 8;

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

  async rest(): Promise<void> {
    if (!this.isOver) return;
    await this.#timers.yield();
    this.#until = this.#timers.monotonicMs() + sliceMs;
  }
}
