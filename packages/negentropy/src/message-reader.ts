import { NegentropyError } from './errors.js';

const varintMax = 2n ** 64n - 1n;

/** Reads a message front to back. Throws `malformed` where it ends too soon. */
export class MessageReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new NegentropyError('malformed', 'the message ends too soon');
    return byte;
  }

  /** A view. */
  bytes(length: number): Uint8Array {
    if (length > this.remaining) throw new NegentropyError('malformed', 'the message ends too soon');
    return this.#bytes.subarray(this.#at, (this.#at += length));
  }

  /** Base 128, most significant digit first, all but the last marked: at most 2^64 - 1. */
  varint(): bigint {
    for (let value = 0n; ;) {
      const byte = this.byte();
      value = (value << 7n) | BigInt(byte & 0x7f);
      if (value > varintMax) throw new NegentropyError('malformed', 'a number of more than 64 bits');
      if (byte < 0x80) return value;
    }
  }

  /** How many things of that size follow; no more than the message has room for. */
  count(sizeOfEach: number): number {
    const count = this.varint();
    if (count * BigInt(sizeOfEach) > BigInt(this.remaining))
      throw new NegentropyError('malformed', 'the message ends too soon');
    return Number(count);
  }
}
