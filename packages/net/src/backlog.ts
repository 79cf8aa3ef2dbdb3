import { assert } from '@lattice/model';

/** Most streams bring a message or two of some hundred bytes: a block costs what zeroing it does. */
const blockBytes = 4 * 1024;

/**
 * Bytes that have arrived and were not taken yet. Held in blocks of one size, so that chunks of any size cost what they
 * weigh (a peer may send single bytes), and nothing is copied more than twice.
 */
export class Backlog {
  readonly #blocks: Uint8Array[] = [];
  /** Where the first block's bytes begin and the last one's end. */
  #start = 0;
  #end = blockBytes;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  append(chunk: Uint8Array): void {
    let rest = chunk;
    while (rest.length > 0) {
      const block = this.#writable();
      const part = rest.subarray(0, blockBytes - this.#end);
      block.set(part, this.#end);
      this.#end += part.length;
      this.#length += part.length;
      rest = rest.subarray(part.length);
    }
  }

  /** The first four bytes, big-endian. They must be there. */
  peekUint32(): number {
    assert(this.#length >= 4, 'four bytes have arrived');
    let value = 0;
    for (let i = 0; i < 4; i++) value = value * 256 + this.#at(i);
    return value;
  }

  /** Removes the first bytes and returns them in a buffer of their own. They must be there. */
  take(count: number): Uint8Array {
    assert(this.#length >= count, 'what is taken has arrived');
    const taken = new Uint8Array(count);
    for (let filled = 0; filled < count;) {
      const block = this.#blocks[0] as Uint8Array;
      const end = this.#blocks.length === 1 ? this.#end : blockBytes;
      const part = block.subarray(this.#start, Math.min(end, this.#start + count - filled));
      taken.set(part, filled);
      filled += part.length;
      this.#start += part.length;
      if (this.#start === blockBytes) this.#dropFirst();
    }
    this.#length -= count;
    if (this.#length === 0) this.#rewind();
    return taken;
  }

  #writable(): Uint8Array {
    const last = this.#blocks.at(-1);
    if (last !== undefined && this.#end < blockBytes) return last;
    const block = new Uint8Array(blockBytes);
    this.#blocks.push(block);
    this.#end = 0;
    return block;
  }

  #dropFirst(): void {
    this.#blocks.shift();
    this.#start = 0;
  }

  /** Empty: the block that is left, if any, is filled anew from its beginning. */
  #rewind(): void {
    this.#start = 0;
    this.#end = this.#blocks.length === 0 ? blockBytes : 0;
  }

  #at(index: number): number {
    const position = this.#start + index;
    const block = this.#blocks[position < blockBytes ? 0 : 1] as Uint8Array;
    return block[position % blockBytes] as number;
  }
}
