/** Writes a message front to back. */
export class MessageWriter {
  #bytes = new Uint8Array(256);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  byte(byte: number): this {
    this.#room(1);
    this.#bytes[this.#length++] = byte;
    return this;
  }

  bytes(bytes: Uint8Array): this {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Base 128, most significant digit first, all but the last marked. `value`: 0 to 2^64 - 1. */
  varint(value: bigint | number): this {
    const digits: number[] = [];
    let left = BigInt(value);
    do {
      digits.push(Number(left & 0x7fn));
      left >>= 7n;
    } while (left > 0n);
    for (let i = digits.length - 1; i > 0; i--) this.byte((digits[i] ?? 0) | 0x80);
    return this.byte(digits[0] ?? 0);
  }

  /** Forgets what was written behind the first `length` bytes. */
  truncate(length: number): void {
    this.#length = Math.min(this.#length, length);
  }

  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length);
  }

  #room(more: number): void {
    if (this.#length + more <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + more));
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
