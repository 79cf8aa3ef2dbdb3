import { MalformedError } from './malformed.js';

/** Reads what `ByteWriter` lays out; throws `MalformedError` where the bytes do not say it. Never reads past the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  /** Made when it is needed: most readers are short-lived and never do, and V8 would move small buffers for it. */
  #view: DataView | undefined;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How much has been read. */
  get offset(): number {
    return this.#offset;
  }

  get remaining(): number {
    return this.#bytes.length - this.#offset;
  }

  u8(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  u32(): number {
    return this.#get32(this.#take(4));
  }

  /** Refuses what does not fit a number exactly (2^53 and up). */
  u64(): number {
    const offset = this.#take(8);
    const value = this.#get32(offset) * 0x1_0000_0000 + this.#get32(offset + 4);
    if (!Number.isSafeInteger(value)) throw new MalformedError('a number is 2^53 or more');
    return value;
  }

  bigU64(): bigint {
    const offset = this.#take(8);
    const { buffer, byteOffset, byteLength } = this.#bytes;
    this.#view ??= new DataView(buffer, byteOffset, byteLength);
    return this.#view.getBigUint64(offset);
  }

  /** Refuses values of 2^53 and up, and longer forms than needed. */
  varint(): number {
    let value = 0;
    let scale = 1;
    for (let i = 0; i < 8; i++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (byte === 0 && i > 0) throw new MalformedError('a varint is longer than it needs to be');
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
      scale *= 0x80;
    }
    throw new MalformedError('a varint is 2^53 or more');
  }

  /** A varint that must not exceed `max`; `what` names it in the error. */
  bounded(max: number, what: string): number {
    const value = this.varint();
    if (value > max) throw new MalformedError(`${what} is ${value}, over the bound of ${max}`);
    return value;
  }

  /** A view into the input, not a copy. */
  raw(length: number): Uint8Array {
    const offset = this.#take(length);
    return this.#bytes.subarray(offset, offset + length);
  }

  /** A varint with the length, at most `max`, then the bytes: a view into the input. */
  prefixed(max: number, what: string): Uint8Array {
    return this.raw(this.bounded(max, `the length of ${what}`));
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** One of any length. */
  skipVarint(): void {
    while (this.u8() >= 0x80);
  }

  end(): void {
    if (this.remaining > 0) throw new MalformedError(`${this.remaining} bytes are left over`);
  }

  #get32(offset: number): number {
    const bytes = this.#bytes;
    const high = ((bytes[offset] as number) << 8) | (bytes[offset + 1] as number);
    const low = ((bytes[offset + 2] as number) << 8) | (bytes[offset + 3] as number);
    return high * 0x1_0000 + low;
  }

  #take(length: number): number {
    const offset = this.#offset;
    if (length > this.#bytes.length - offset) throw new MalformedError('the bytes end too early');
    this.#offset = offset + length;
    return offset;
  }
}
