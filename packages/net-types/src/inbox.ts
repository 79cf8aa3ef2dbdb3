import { assert } from '@lattice/model';

/** What has arrived and waits for the one who asks for it: bounded, and closed once for ever. */
export class Inbox<T> {
  readonly #waiting: T[] = [];
  readonly #waitingMax: number;
  #taker: ((item: T | undefined) => void) | undefined;
  #isClosed = false;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  /** Whether the item was taken in. Where not, the inbox is full or closed, and the item stays the caller's. */
  offer(item: T): boolean {
    if (this.#isClosed) return false;
    if (this.#taker !== undefined) {
      this.#serve(item);
      return true;
    }
    if (this.#waiting.length >= this.#waitingMax) return false;
    this.#waiting.push(item);
    return true;
  }

  /** The next item; `undefined` once closed. One caller at a time. */
  take(): Promise<T | undefined> {
    assert(this.#taker === undefined, 'an inbox has one reader at a time');
    if (this.#isClosed) return Promise.resolve(undefined);
    const item = this.#waiting.shift();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => {
      this.#taker = resolve;
    });
  }

  /** Idempotent. Hands back what nobody took. */
  close(): T[] {
    this.#isClosed = true;
    this.#serve(undefined);
    return this.#waiting.splice(0);
  }

  #serve(item: T | undefined): void {
    const taker = this.#taker;
    this.#taker = undefined;
    taker?.(item);
  }
}
