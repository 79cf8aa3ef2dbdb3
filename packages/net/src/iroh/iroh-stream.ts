import { assert } from '@lattice/model';
import type { Stream } from '@lattice/net-types';
import { Breaker, streamClosed } from '@lattice/net-types';
import type { NativeStream } from './binding.js';
import { pieceBytesMax, readPiece, writePiece } from './binding.js';
import { asked } from './native-calls.js';

export interface StreamOwner {
  /** The connection's end, if that is what made the call fail. */
  failureOfConnection(): Error | undefined;
  /** Both directions are over. */
  forget(stream: IrohStream): void;
}

/** The port's stream over a native one, which it keeps from the garbage collector: its owner holds it while it is open. */
export class IrohStream implements Stream {
  readonly #native: NativeStream;
  readonly #owner: StreamOwner;
  readonly #breaker = new Breaker();
  /** Settles when all writes so far have: calls go out in their order even where nobody awaits them. */
  #lastWrite: Promise<void> = Promise.resolve();
  #finish: Promise<void> | undefined;
  #isReading = false;
  #sentAll = false;
  #readAll = false;

  constructor(native: NativeStream, owner: StreamOwner) {
    this.#native = native;
    this.#owner = owner;
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#finish !== undefined) return Promise.reject(this.#breaker.error ?? streamClosed('finished'));
    return this.#inOrder(() => this.#send(bytes));
  }

  finish(): Promise<void> {
    this.#finish ??= this.#inOrder(() => this.#sendEnd());
    return this.#finish;
  }

  async read(): Promise<Uint8Array | undefined> {
    assert(!this.#isReading, 'a stream has one reader at a time');
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
    if (this.#readAll) return undefined;
    this.#isReading = true;
    try {
      const bytes = await this.#breaker.guard(readPiece(this.#native.recv));
      if (bytes.length > 0) return bytes;
      this.#readAll = true;
      this.#forgetIfOver();
      return undefined;
    } catch {
      throw this.#broken();
    } finally {
      this.#isReading = false;
    }
  }

  reset(): void {
    if (!this.#isOver()) this.break(streamClosed('reset here'));
  }

  /** Ends everything that is pending with that error, and lets the peer know. */
  break(error: Error): void {
    if (this.#breaker.error !== undefined) return;
    this.#breaker.break(error);
    // Each waits natively for a call that is under way in its direction. One of the two directions always gets through
    // as soon as the peer reads or writes, and the peer's side of this class then ends the other.
    asked(this.#native.send.reset(0n)).catch(() => undefined);
    asked(this.#native.recv.stop(0n)).catch(() => undefined);
    this.#owner.forget(this);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length; start += pieceBytesMax) {
      const piece = bytes.subarray(start, start + pieceBytesMax);
      await this.#handOver(() => writePiece(this.#native.send, piece));
    }
  }

  async #sendEnd(): Promise<void> {
    await this.#handOver(() => asked(this.#native.send.finish()));
    this.#sentAll = true;
    this.#forgetIfOver();
  }

  /** The native calls return only after a turn of the event loop, so that a long write lets others in between pieces. */
  async #handOver(call: () => Promise<void>): Promise<void> {
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
    try {
      await this.#breaker.guard(call());
    } catch {
      throw this.#broken();
    }
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const outcome = this.#lastWrite.then(work);
    this.#lastWrite = outcome.catch(() => undefined);
    return outcome;
  }

  /** A native call failed: by our own break, with the connection, or because the peer has reset the stream. */
  #broken(): Error {
    const error = this.#owner.failureOfConnection() ?? streamClosed('reset by the peer');
    this.break(error);
    return this.#breaker.error ?? error;
  }

  #forgetIfOver(): void {
    if (this.#isOver()) this.#owner.forget(this);
  }

  #isOver(): boolean {
    return this.#sentAll && this.#readAll;
  }
}
