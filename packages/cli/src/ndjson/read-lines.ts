import { LatticeError } from '@lattice/model';

/** The largest value (256 KiB) as JSON that escapes every byte in six characters, with its key: there is nothing longer. */
const lineBytesMax = 2 * 1024 * 1024;
const lineFeed = 0x0a;
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

export interface Line {
  /** From 1. */
  readonly number: number;
  /** Without the line break. Valid until the next is asked for. */
  readonly bytes: Uint8Array;
}

/**
 * The lines of a stream that are not blank, in groups as they become complete, and in constant memory however long the
 * stream is. A byte order mark at its beginning is skipped. Rejects with `line-too-long`.
 */
export async function* readLines(stream: AsyncIterable<Uint8Array>): AsyncGenerator<readonly Line[]> {
  let number = 0;
  const begun = new BegunLine();
  const lineOf = (all: Uint8Array): Line[] => {
    number++;
    if (all.length > lineBytesMax) throw lineTooLong(number);
    const bytes = number === 1 ? withoutMark(all) : all;
    return isBlank(bytes) ? [] : [{ number, bytes }];
  };

  for await (const chunk of stream) {
    const lines: Line[] = [];
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      lines.push(...lineOf(begun.endedBy(chunk.subarray(start, end))));
      start = end + 1;
    }
    begun.add(chunk.subarray(start));
    if (begun.length > lineBytesMax) throw lineTooLong(number + 1);
    if (lines.length > 0) yield lines;
  }
  const last = begun.length > 0 ? lineOf(begun.endedBy(new Uint8Array(0))) : [];
  if (last.length > 0) yield last;
}

/** The line that has not come to its end, in a buffer that grows by doubling: however small its pieces are, each is copied few times. */
class BegunLine {
  #buffer = new Uint8Array(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(piece: Uint8Array): void {
    const length = this.#length + piece.length;
    if (length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
      grown.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = grown;
    }
    this.#buffer.set(piece, this.#length);
    this.#length = length;
  }

  /** The whole line, once its last piece is there; the next one begins. */
  endedBy(piece: Uint8Array): Uint8Array {
    if (this.#length === 0) return piece;
    this.add(piece);
    const line = this.#buffer.subarray(0, this.#length);
    // Handed out, so the next one needs another.
    this.#buffer = new Uint8Array(0);
    this.#length = 0;
    return line;
  }
}

function withoutMark(data: Uint8Array): Uint8Array {
  const hasMark = byteOrderMark.equals(data.subarray(0, byteOrderMark.length));
  return hasMark ? data.subarray(byteOrderMark.length) : data;
}

function isBlank(bytes: Uint8Array): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function lineTooLong(number: number): LatticeError {
  return new LatticeError(
    'line-too-long',
    `Line ${number} is longer than any key and value: is this NDJSON?`,
  );
}
