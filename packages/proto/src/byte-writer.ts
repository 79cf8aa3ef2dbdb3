import { assert } from '@lattice/model';

/** Lays out bytes in a buffer that grows. Integers are big-endian; varints are LEB128, unsigned. */
export class ByteWriter {
  #bytes: Uint8Array;
  /** Made when it is needed: most writers are short-lived and never do, and V8 would move small buffers for it. */
  #view: DataView | undefined;
  #length = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
  }

  get length(): number {
    return this.#length;
  }

  /** Forgets the content and keeps the buffer. */
  reset(): this {
    this.#length = 0;
    return this;
  }

  u8(value: number): this {
    this.#reserve(1);
    this.#bytes[this.#length++] = value;
    return this;
  }

  u32(value: number): this {
    this.#reserve(4);
    this.#put32(value);
    return this;
  }

  /** A number below 2^53, in 8 bytes. */
  u64(value: number): this {
    this.#reserve(8);
    this.#put32(Math.floor(value / 0x1_0000_0000));
    this.#put32(value >>> 0);
    return this;
  }

  bigU64(value: bigint): this {
    this.#reserve(8);
    this.#view ??= new DataView(this.#bytes.buffer);
    this.#view.setBigUint64(this.#length, value);
    this.#length += 8;
    return this;
  }

  /** A whole number from 0 to 2^53 - 1, in 1 to 8 bytes, seven bits each, low ones first. */
  varint(value: number): this {
    assert(Number.isSafeInteger(value) && value >= 0, 'a varint is a whole number from 0 to 2^53 - 1');
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#bytes[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#bytes[this.#length++] = rest;
    return this;
  }

  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** A varint with the length, then the bytes. */
  prefixed(bytes: Uint8Array): this {
    return this.varint(bytes.length).raw(bytes);
  }

  /** What was written, for use until the next write: the buffer is not copied. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #put32(value: number): void {
    const at = this.#length;
    this.#bytes[at] = value >>> 24;
    this.#bytes[at + 1] = value >>> 16;
    this.#bytes[at + 2] = value >>> 8;
    this.#bytes[at + 3] = value;
    this.#length = at + 4;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(needed, 2 * this.#bytes.length));
    grown.set(this.view());
    this.#bytes = grown;
    this.#view = undefined;
  }
}
