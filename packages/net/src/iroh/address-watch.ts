import type { Cancel, Timers } from '@lattice/model';

/** A change of network is known to peers this much later at most. Looking costs some 50 us. */
const lookEveryMs = 2_000;

/**
 * Tells when something changed by looking at it, while anybody wants to know: the binding's own notifications abort the
 * process, and do not cover addresses that went away.
 */
export class AddressWatch {
  readonly #timers: Timers;
  readonly #look: () => string;
  readonly #listeners = new Set<() => void>();
  #last = '';
  #cancel: Cancel | undefined;

  constructor(timers: Timers, look: () => string) {
    this.#timers = timers;
    this.#look = look;
  }

  subscribe(listener: () => void): () => void {
    const own = () => listener();
    if (this.#listeners.size === 0) {
      this.#last = this.#look();
      this.#lookLater();
    }
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.close();
    };
  }

  close(): void {
    this.#listeners.clear();
    this.#cancel?.();
  }

  #lookLater(): void {
    this.#cancel = this.#timers.after(lookEveryMs, () => {
      const now = this.#look();
      if (now !== this.#last) {
        this.#last = now;
        for (const listener of [...this.#listeners]) listener();
      }
      if (this.#listeners.size > 0) this.#lookLater();
    });
  }
}
