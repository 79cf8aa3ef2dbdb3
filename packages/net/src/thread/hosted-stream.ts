import { assert } from '@lattice/model';
import type { Stream } from '@lattice/net-types';
import { Breaker, streamClosed } from '@lattice/net-types';
import type { ThreadCalls } from './thread-calls.js';

/** So many pieces are asked for ahead of whoever reads: crossing threads takes longer than a piece does. */
const piecesAhead = 4;

/** A stream of a transport in another thread. */
export class HostedStream implements Stream {
  readonly #id: number;
  readonly #calls: ThreadCalls;
  readonly #forget: () => void;
  readonly #breaker = new Breaker();
  readonly #arrived: Uint8Array[] = [];
  #asked = 0;
  #reader: (() => void) | undefined;
  #finish: Promise<void> | undefined;
  #sentAll = false;
  #hasEnded = false;
  #readAll = false;

  constructor(id: number, calls: ThreadCalls, forget: () => void) {
    this.#id = id;
    this.#calls = calls;
    this.#forget = forget;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#finish !== undefined) return Promise.reject(this.#breaker.error ?? streamClosed('finished'));
    if (this.#breaker.error !== undefined) return Promise.reject(this.#breaker.error);
    return this.#breaker.guard(this.#calls.write(this.#id, bytes));
  }

  finish(): Promise<void> {
    this.#finish ??= this.#sendEnd();
    return this.#finish;
  }

  async read(): Promise<Uint8Array | undefined> {
    assert(!this.#reader, 'a stream has one reader at a time');
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
    if (this.#readAll) return undefined;
    this.#askAhead();
    if (this.#arrived.length === 0 && !this.#hasEnded) {
      const arrival = new Promise<void>((resolve) => (this.#reader = resolve));
      await this.#breaker.guard(arrival).finally(() => (this.#reader = undefined));
    }
    const bytes = this.#arrived.shift();
    if (bytes) {
      this.#askAhead();
      return bytes;
    }
    this.#readAll = true;
    this.#forgetIfOver();
    return undefined;
  }

  reset(): void {
    if (this.#sentAll && this.#readAll) return;
    this.#calls.tell({ do: 'reset', stream: this.#id });
    this.break(streamClosed('reset here'));
  }

  /** To be called with what has arrived, in order; `undefined` at the end. */
  take(bytes: Uint8Array | undefined): void {
    this.#asked--;
    if (bytes) this.#arrived.push(bytes);
    else this.#hasEnded = true;
    this.#reader?.();
  }

  /** Ends everything that is pending with that error. */
  break(error: Error): void {
    if (this.#breaker.error !== undefined) return;
    this.#breaker.break(error);
    this.#arrived.length = 0;
    this.#forget();
  }

  async #sendEnd(): Promise<void> {
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
    await this.#breaker.guard(this.#calls.finish(this.#id));
    this.#sentAll = true;
    this.#forgetIfOver();
  }

  #askAhead(): void {
    while (!this.#hasEnded && this.#asked + this.#arrived.length < piecesAhead) {
      this.#asked++;
      this.#calls.tell({ do: 'read', stream: this.#id });
    }
  }

  #forgetIfOver(): void {
    if (this.#sentAll && this.#readAll) this.#forget();
  }
}
