const slabBytes = 64 * 1024;
/** Larger ones get memory of their own, lest the rest of a slab is wasted. */
const sharedBytesMax = 4 * 1024;

/** Copies of bytes that live and die together, laid out one behind the other: an allocation for hundreds of them. */
export class Slab {
  #bytes = new Uint8Array(0);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    if (length > sharedBytesMax) return new Uint8Array(bytes);
    if (this.#used + length > this.#bytes.length) {
      this.#bytes = new Uint8Array(slabBytes);
      this.#used = 0;
    }
    const copied = this.#bytes.subarray(this.#used, this.#used + length);
    copied.set(bytes);
    this.#used += length;
    return copied;
  }
}
