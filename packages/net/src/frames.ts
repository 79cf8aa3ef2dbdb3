import { LatticeError } from '@lattice/model';
import type { Stream } from '@lattice/net-types';
import { Backlog } from './backlog.js';

/** Room for a bundle of the greatest size and what goes with it. */
export const frameBytesMax = 1024 * 1024 + 64 * 1024;

const headerBytes = 4;

/** Whoever watches over what comes in. */
export interface FrameGate {
  /** So many bytes have come. */
  arrived(bytes: number): void;
  /** A frame of that length begins: once it returns, or what it returns resolves, the rest is read. */
  enter(length: number): void | Promise<void>;
}

/** Cuts a stream into messages: each is its length (u32, big-endian) and its body. */
export class FrameReader {
  readonly #stream: Stream;
  readonly #bytesMax: number;
  readonly #gate: FrameGate | undefined;
  readonly #backlog = new Backlog();

  constructor(stream: Stream, bytesMax = frameBytesMax, gate?: FrameGate) {
    this.#stream = stream;
    this.#bytesMax = bytesMax;
    this.#gate = gate;
  }

  /**
   * The next body, the caller's own; `undefined` when the peer has finished. Rejects with `frame-too-large`,
   * `stream-truncated` when the stream ends inside a frame, or as the stream's `read`; there is nothing to read after a
   * rejection. Never holds much more than has arrived, whatever length the peer announces. One caller at a time.
   */
  async next(): Promise<Uint8Array | undefined> {
    if (!(await this.#gather(headerBytes))) {
      if (this.#backlog.length === 0) return undefined;
      throw truncated();
    }
    const length = this.#backlog.peekUint32();
    if (length > this.#bytesMax) throw tooLarge(length, this.#bytesMax);
    await this.#gate?.enter(length);
    if (!(await this.#gather(headerBytes + length))) throw truncated();
    this.#backlog.take(headerBytes);
    return this.#backlog.take(length);
  }

  /** Whether that many bytes are there now; if not, there will never be. */
  async #gather(count: number): Promise<boolean> {
    while (this.#backlog.length < count) {
      const chunk = await this.#stream.read();
      if (chunk === undefined) return false;
      this.#backlog.append(chunk);
      this.#gate?.arrived(chunk.length);
    }
    return true;
  }
}

export class FrameWriter {
  readonly #stream: Stream;
  readonly #bytesMax: number;

  constructor(stream: Stream, bytesMax = frameBytesMax) {
    this.#stream = stream;
    this.#bytesMax = bytesMax;
  }

  /** Sends a frame for each body, all in one write. Rejects with `frame-too-large`, or as the stream's `write`. */
  async write(...bodies: readonly Uint8Array[]): Promise<void> {
    const tooLong = bodies.find((body) => body.length > this.#bytesMax);
    if (tooLong !== undefined) throw tooLarge(tooLong.length, this.#bytesMax);
    await this.#stream.write(framed(bodies));
  }

  /** Ends this direction of the stream. */
  finish(): Promise<void> {
    return this.#stream.finish();
  }
}

function framed(bodies: readonly Uint8Array[]): Uint8Array {
  const total = bodies.reduce((sum, body) => sum + headerBytes + body.length, 0);
  const bytes = new Uint8Array(total);
  const view = new DataView(bytes.buffer);
  let offset = 0;
  for (const body of bodies) {
    view.setUint32(offset, body.length);
    bytes.set(body, offset + headerBytes);
    offset += headerBytes + body.length;
  }
  return bytes;
}

function tooLarge(length: number, bytesMax: number): LatticeError {
  return new LatticeError(
    'frame-too-large',
    `A message of ${length} bytes exceeds the limit of ${bytesMax}.`,
  );
}

function truncated(): LatticeError {
  return new LatticeError('stream-truncated', 'The peer ended the stream in the middle of a message.');
}
