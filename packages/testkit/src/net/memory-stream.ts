import { assert } from '@lattice/model';
import type { Stream } from '@lattice/net-types';
import { Breaker, streamClosed } from '@lattice/net-types';

/** What one read returns at most, as the port has it. */
const pieceBytesMax = 64 * 1024;

export interface StreamPorts {
  /** Bytes that may be under way and unread, in each direction. */
  readonly windowBytes: number;
  /** Brings something to the other end. The first thing makes the stream known there. */
  carry(deliver: () => void, bytes: number): void;
  count(bytes: number): void;
  forget(stream: MemoryStream): void;
}

/** One end of a stream between two objects of the same process, with a window and a network between them. */
export class MemoryStream implements Stream {
  readonly #ports: StreamPorts;
  readonly #breaker = new Breaker();
  readonly #arrived: Uint8Array[] = [];
  #far: MemoryStream | undefined;
  #credit: number;
  /** What was read, and the peer was not told of yet. */
  #readBytes = 0;
  #lastWrite: Promise<void> = Promise.resolve();
  #finish: Promise<void> | undefined;
  #isReading = false;
  #sentAll = false;
  #arrivedAll = false;
  #readAll = false;
  #wakeReader: (() => void) | undefined;
  #wakeWriter: (() => void) | undefined;

  /** Two ends that belong together. */
  static pair(near: StreamPorts, far: StreamPorts): readonly [MemoryStream, MemoryStream] {
    const ends = [new MemoryStream(near), new MemoryStream(far)] as const;
    ends[0].#far = ends[1];
    ends[1].#far = ends[0];
    return ends;
  }

  private constructor(ports: StreamPorts) {
    this.#ports = ports;
    this.#credit = ports.windowBytes;
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
    this.#isReading = true;
    try {
      while (this.#breaker.error === undefined && this.#arrived.length === 0 && !this.#arrivedAll) {
        await this.#breaker.guard(new Promise<void>((resolve) => (this.#wakeReader = resolve)));
      }
    } finally {
      this.#isReading = false;
    }
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
    return this.#take();
  }

  reset(): void {
    if (this.#isOver() || this.#breaker.error !== undefined) return;
    this.break(streamClosed('reset here'));
    this.#carry((far) => far.break(streamClosed('reset by the peer')));
  }

  break(error: Error): void {
    this.#breaker.break(error);
    this.#arrived.length = 0;
    this.#ports.forget(this);
  }

  async #send(bytes: Uint8Array): Promise<void> {
    for (let start = 0; start < bytes.length;) {
      await this.#untilCredit();
      const piece = bytes.slice(start, start + Math.min(this.#credit, pieceBytesMax));
      start += piece.length;
      this.#credit -= piece.length;
      this.#ports.count(piece.length);
      this.#carry((far) => far.#arrive(piece), piece.length);
    }
  }

  async #untilCredit(): Promise<void> {
    while (this.#breaker.error === undefined && this.#credit === 0) {
      await this.#breaker.guard(new Promise<void>((resolve) => (this.#wakeWriter = resolve)));
    }
    if (this.#breaker.error !== undefined) throw this.#breaker.error;
  }

  #sendEnd(): Promise<void> {
    if (this.#breaker.error !== undefined) return Promise.reject(this.#breaker.error);
    this.#sentAll = true;
    this.#carry((far) => far.#arriveEnd());
    this.#forgetIfOver();
    return Promise.resolve();
  }

  #arrive(piece: Uint8Array): void {
    if (this.#breaker.error !== undefined) return;
    this.#arrived.push(piece);
    this.#wakeReader?.();
  }

  #arriveEnd(): void {
    this.#arrivedAll = true;
    this.#wakeReader?.();
  }

  #take(): Uint8Array | undefined {
    const piece = this.#arrived.shift();
    if (piece === undefined) {
      this.#readAll = true;
      this.#forgetIfOver();
    } else {
      this.#giveCredit(piece.length);
    }
    return piece;
  }

  /** At once for half of the window, as QUIC's implementations do: not a message for each. */
  #giveCredit(bytes: number): void {
    this.#readBytes += bytes;
    if (this.#readBytes * 2 < this.#ports.windowBytes) return;
    const read = this.#readBytes;
    this.#readBytes = 0;
    this.#carry((far) => far.#grant(read));
  }

  #grant(bytes: number): void {
    this.#credit += bytes;
    this.#wakeWriter?.();
  }

  #carry(deliver: (far: MemoryStream) => void, bytes = 0): void {
    const far = this.#far;
    assert(far !== undefined, 'a stream has two ends');
    this.#ports.carry(() => deliver(far), bytes);
  }

  #inOrder(work: () => Promise<void>): Promise<void> {
    const outcome = this.#lastWrite.then(work);
    this.#lastWrite = outcome.catch(() => undefined);
    return outcome;
  }

  #forgetIfOver(): void {
    if (this.#isOver()) this.#ports.forget(this);
  }

  #isOver(): boolean {
    return this.#sentAll && this.#readAll;
  }
}
