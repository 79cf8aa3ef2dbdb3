import type { Timers } from '@lattice/model';

/** Calls back when nothing was heard for some time. */
export class Watchdog implements Disposable {
  readonly #timers: Timers;
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #heardMs: number;
  #cancel: () => void;

  constructor(timers: Timers, limitMs: number, onSilence: () => void) {
    this.#timers = timers;
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.#heardMs = timers.monotonicMs();
    this.#cancel = timers.after(limitMs, () => this.#check());
  }

  heard(): void {
    this.#heardMs = this.#timers.monotonicMs();
  }

  [Symbol.dispose](): void {
    this.#cancel();
  }

  #check(): void {
    const leftMs = this.#heardMs + this.#limitMs - this.#timers.monotonicMs();
    if (leftMs <= 0) this.#onSilence();
    else this.#cancel = this.#timers.after(leftMs, () => this.#check());
  }
}
