import type { Timers } from '@lattice/model';

/** A long message may take longer than the limit where its parts keep coming, and not slower than that. */
const slowestBytesPerMs = 8;

/**
 * Calls back when nothing was heard for some time: no message, and of a long one no part. Parts that trickle in are no sign of life
 * for long.
 */
export class Watchdog implements Disposable {
  readonly #timers: Timers;
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #heardMs: number;
  /** Of the message that is on its way: when its last part came, and how much of it is here. */
  #partMs: number;
  #partBytes = 0;
  #cancel: () => void;
  #isOver = false;

  constructor(timers: Timers, limitMs: number, onSilence: () => void) {
    this.#timers = timers;
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.#heardMs = timers.monotonicMs();
    this.#partMs = this.#heardMs;
    this.#cancel = timers.after(limitMs, () => this.#check());
  }

  heard(): void {
    this.#heardMs = this.#timers.monotonicMs();
    this.#partMs = this.#heardMs;
    this.#partBytes = 0;
  }

  heardPart(bytes: number): void {
    this.#partMs = this.#timers.monotonicMs();
    this.#partBytes += bytes;
  }

  /** It is not the peer that is waited for. */
  pause(): void {
    this.#cancel();
  }

  resume(): void {
    if (this.#isOver) return;
    this.heard();
    this.#cancel = this.#timers.after(this.#limitMs, () => this.#check());
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#cancel();
  }

  #check(): void {
    const slowest = this.#heardMs + this.#partBytes / slowestBytesPerMs;
    const leftMs = Math.min(this.#partMs, slowest) + this.#limitMs - this.#timers.monotonicMs();
    if (leftMs <= 0) this.#onSilence();
    else this.#cancel = this.#timers.after(leftMs, () => this.#check());
  }
}
