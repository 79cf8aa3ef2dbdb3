/**
 * The life of one process. Once it has ended, nothing that its code awaits ever comes: so a killed process does nothing
 * more, not even tidy up, though its objects are still in memory.
 */
export class Lifeline {
  #hasEnded = false;
  readonly #onEnd: (() => void)[] = [];

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  /** The same outcome, as long as the process lives. */
  hold<T>(work: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      work.then(
        (value) => {
          if (!this.#hasEnded) resolve(value);
        },
        (error: unknown) => {
          if (!this.#hasEnded) reject(error);
        },
      );
    });
  }

  /** Whether the process still lives when the work is over; resolves as soon as it does not. Rejects where the work does. */
  outlives(work: PromiseLike<unknown>): Promise<boolean> {
    return new Promise((resolve, reject) => {
      work.then(() => resolve(!this.#hasEnded), reject);
      this.onEnd(() => resolve(false));
    });
  }

  onEnd(task: () => void): void {
    this.#onEnd.push(task);
  }

  /** Idempotent. */
  end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    for (const task of this.#onEnd.splice(0)) task();
  }
}
