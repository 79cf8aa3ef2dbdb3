import type { OpenFile } from '@lattice/storage';

const windowBytes = 256 * 1024;
const zeros = new Uint8Array(windowBytes);

/** Reads a file's first `limit` bytes in large pieces, for whoever walks through them. */
export class FileWindow {
  bytes: Uint8Array;
  view: DataView;
  #start = 0;
  #length = 0;

  constructor(
    private readonly file: () => OpenFile,
    readonly limit: number,
  ) {
    this.bytes = new Uint8Array(Math.min(windowBytes, limit));
    this.view = new DataView(this.bytes.buffer);
  }

  /** Where in `bytes` the bytes from that position on are, or `undefined` where there are fewer than `count` of them. */
  seek(position: number, count: number): number | undefined {
    const at = position - this.#start;
    if (at >= 0 && at + count <= this.#length) return at;
    if (position + count > this.limit) return undefined;
    this.#load(position, Math.max(count, windowBytes));
    return this.#length < count ? undefined : 0;
  }

  /** Whether there are only zeros from that position to the limit. */
  isBlankFrom(position: number): boolean {
    for (let at = position; at < this.limit; at += windowBytes) {
      this.#load(at, windowBytes);
      if (Buffer.compare(this.bytes.subarray(0, this.#length), zeros.subarray(0, this.#length)) !== 0)
        return false;
    }
    return true;
  }

  #load(position: number, count: number): void {
    const length = Math.min(count, this.limit - position);
    if (length > this.bytes.length) {
      this.bytes = new Uint8Array(length);
      this.view = new DataView(this.bytes.buffer);
    }
    this.#start = position;
    this.#length = this.file().read(this.bytes.subarray(0, length), position);
  }
}
