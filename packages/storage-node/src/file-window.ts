import type { OpenFile } from '@lattice/storage';

const windowBytes = 256 * 1024;
const blank = new Uint8Array(windowBytes);

/** Reads a file's first `limit` bytes in large pieces, for whoever walks through them. */
export class FileWindow {
  /** The piece at hand. Each is another array, so that what was found in one may be kept without being copied. */
  bytes = new Uint8Array(0);
  view = new DataView(this.bytes.buffer);
  #start = 0;

  constructor(
    private readonly file: () => OpenFile,
    readonly limit: number,
  ) {}

  /** Where in `bytes` the bytes from that position on are, or `undefined` where there are fewer than `count` of them. */
  seek(position: number, count: number): number | undefined {
    const at = position - this.#start;
    if (at >= 0 && at + count <= this.bytes.length) return at;
    if (position + count > this.limit) return undefined;
    this.#load(position, Math.min(Math.max(count, windowBytes), this.limit - position));
    return this.bytes.length < count ? undefined : 0;
  }

  /** Whether there are only zeros from that position to the limit. Looks no further than at the first other byte, and around it. */
  isBlankFrom(position: number): boolean {
    for (let at = position; at < this.limit;) {
      const start = this.seek(at, 1);
      if (start === undefined) return true;
      const piece = this.bytes.subarray(start, start + blank.length);
      if (Buffer.compare(piece, blank.subarray(0, piece.length)) !== 0) return false;
      at += piece.length;
    }
    return true;
  }

  #load(position: number, count: number): void {
    const bytes = new Uint8Array(count);
    this.bytes = bytes.subarray(0, this.file().read(bytes, position));
    this.view = new DataView(bytes.buffer);
    this.#start = position;
  }
}
