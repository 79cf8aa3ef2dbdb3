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
  let rest: Uint8Array = new Uint8Array();
  const lineOf = (all: Uint8Array): Line[] => {
    number++;
    if (all.length > lineBytesMax) throw lineTooLong(number);
    const bytes = number === 1 ? withoutMark(all) : all;
    return isBlank(bytes) ? [] : [{ number, bytes }];
  };

  for await (const chunk of stream) {
    const data = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const lines: Line[] = [];
    let start = 0;
    for (let end = data.indexOf(lineFeed); end !== -1; end = data.indexOf(lineFeed, start)) {
      lines.push(...lineOf(data.subarray(start, end)));
      start = end + 1;
    }
    rest = data.subarray(start);
    if (rest.length > lineBytesMax) throw lineTooLong(number + 1);
    if (lines.length > 0) yield lines;
  }
  const last = rest.length > 0 ? lineOf(rest) : [];
  if (last.length > 0) yield last;
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
