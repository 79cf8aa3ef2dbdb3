import { closedError } from './commit-refusals.js';
import type { CheckOptions } from './store-check.js';

/** Work on a store that takes long: closing the store ends it, and waits for that. */
export class LongWork {
  readonly #underWay = new Set<Promise<unknown>>();
  readonly #closing = new AbortController();

  /** Rejects with `store-closed` where the store is closed meanwhile. */
  async run<T>(
    { signal, onProgress }: CheckOptions,
    work: (options: CheckOptions) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    const ending = new AbortController();
    const end = () => ending.abort();
    signal?.addEventListener('abort', end, { once: true });
    this.#closing.signal.addEventListener('abort', end, { once: true });
    const working = work({ onProgress, signal: ending.signal });
    this.#underWay.add(working);
    try {
      return await working;
    } catch (error) {
      throw this.#closing.signal.aborted ? closedError() : error;
    } finally {
      this.#underWay.delete(working);
      signal?.removeEventListener('abort', end);
      this.#closing.signal.removeEventListener('abort', end);
    }
  }

  end(): void {
    this.#closing.abort();
  }

  async ended(): Promise<void> {
    await Promise.allSettled(this.#underWay);
  }
}
