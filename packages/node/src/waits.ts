import type { Timers } from '@lattice/model';

/** Those who wait for something to become true of what changes now and then. */
export class Waits {
  readonly #timers: Timers;
  readonly #checks = new Set<() => void>();
  #isClosed = false;

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  /** To be called whenever something has changed. */
  check(): void {
    for (const check of this.#checks) check();
  }

  /** Nobody waits any more. */
  close(): void {
    this.#isClosed = true;
    this.check();
  }

  /** Resolves when that holds, when it is too late, when the signal fires, or when all is closed. */
  async until(holds: () => boolean, msMax: number, signal?: AbortSignal): Promise<void> {
    if (this.#isClosed || signal?.aborted || holds()) return;
    await new Promise<void>((resolve) => {
      const finish = () => {
        cancel();
        this.#checks.delete(check);
        signal?.removeEventListener('abort', finish);
        resolve();
      };
      const check = () => {
        if (this.#isClosed || holds()) finish();
      };
      const cancel = this.#timers.after(msMax, finish);
      this.#checks.add(check);
      signal?.addEventListener('abort', finish, { once: true });
    });
  }
}
