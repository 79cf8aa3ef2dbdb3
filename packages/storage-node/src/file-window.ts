import type { OpenFile } from '@lattice/storage';

const windowBytes = 256 * 1024;

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

  /** Whether there are only zeros from that position to the limit. */
  isBlankFrom(position: number): boolean {
    const piece = new Uint8Array(Math.max(0, Math.min(windowBytes, this.limit - position)));
    const blank = piece.slice();
    for (let at = position; at < this.limit; at += windowBytes) {
      const read = this.file().read(piece.subarray(0, this.limit - at), at);
      if (Buffer.compare(piece.subarray(0, read), blank.subarray(0, read)) !== 0) return false;
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
