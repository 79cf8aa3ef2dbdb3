/*
 * A second reading of docs/protocol.md, written from its text alone: slow, plain, and sharing nothing with the packages
 * but BLAKE3. Bytes are hexadecimal text here, and every number that the format lays out as a varint is a bigint.
 */

/** Reads bytes front to back; throws where they do not say what they should. */
export class Cursor {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes);
  }

  get left(): number {
    return this.#bytes.length - this.#at;
  }

  take(count: number): Buffer {
    if (count > this.left) throw new Error('too short');
    this.#at += count;
    return this.#bytes.subarray(this.#at - count, this.#at);
  }

  hex(count: number): string {
    return this.take(count).toString('hex');
  }

  byte(): number {
    return this.take(1).readUInt8();
  }

  /** Section "Conventions": seven bits a byte, low ones first, the shortest form, below the bound. */
  varint(below = 2n ** 53n): bigint {
    let value = 0n;
    for (let i = 0n; ; i++) {
      const byte = this.byte();
      value += BigInt(byte % 128) << (7n * i);
      if (value >= below) throw new Error('too large');
      if (byte >= 128) continue;
      if (byte === 0 && i > 0n) throw new Error('longer than it needs to be');
      return value;
    }
  }

  count(max: number): number {
    const value = this.varint();
    if (value > max) throw new Error('over its bound');
    return Number(value);
  }

  end(): void {
    if (this.left > 0) throw new Error('too long');
  }
}

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest /= 128n) {
    if (rest < 128n) return Buffer.from([...bytes, Number(rest)]);
    bytes.push(Number(rest % 128n) + 128);
  }
}

export function hex(text: string): Buffer {
  return Buffer.from(text, 'hex');
}
