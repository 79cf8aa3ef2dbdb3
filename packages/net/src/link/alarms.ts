import type { Timers } from '@lattice/model';

/** The timers of something that ends, and they with it. */
export class Alarms implements Disposable {
  readonly #timers: Timers;
  readonly #set = new Set<() => void>();

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  after(delayMs: number, task: () => void): void {
    const cancel = this.#timers.after(delayMs, () => {
      this.#set.delete(cancel);
      task();
    });
    this.#set.add(cancel);
  }

  /** Resolves after that long, or never. */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  [Symbol.dispose](): void {
    for (const cancel of this.#set) cancel();
    this.#set.clear();
  }
}
