import type { Timers } from '@lattice/model';
import { pause } from '../pause.js';

interface Response {
  once(event: 'close', listener: () => void): unknown;
}

/** Calls that were begun and whose response has not gone out yet. */
export class CallsInFlight {
  readonly #open = new Set<Response>();
  #onNone: () => void = () => undefined;

  add(response: Response): void {
    this.#open.add(response);
    response.once('close', () => {
      this.#open.delete(response);
      if (this.#open.size === 0) this.#onNone();
    });
  }

  get any(): boolean {
    return this.#open.size > 0;
  }

  /** Resolves when none is left, or when `withinMs` have passed, or when `signal` aborts. */
  async finished(timers: Timers, withinMs: number, signal?: AbortSignal): Promise<void> {
    if (!this.any) return;
    const done = new AbortController();
    this.#onNone = () => done.abort();
    const over = signal === undefined ? done.signal : AbortSignal.any([done.signal, signal]);
    await pause(timers, withinMs, over);
  }
}
