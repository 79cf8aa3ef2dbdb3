import {
  appendFileSync,
  closeSync,
  fchmodSync,
  fstatSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fromUtf8 } from '@lattice/model';

/** Lines in a file, for the next run. */
export interface HistoryFile {
  /** The last ones, the oldest first. Nothing where there is none, or it cannot be read. */
  read(): readonly string[];
  /** Throws where it cannot be written. */
  append(line: string): void;
}

/** So many lines can be gone back to. */
export const historyMax = 1_000;

/** No more is read of a file, whoever wrote it. */
const bytesMax = 1024 * 1024;

const lineFeed = 10;

/**
 * `shell-history` in the data directory, for its owner's eyes only. Each line is appended with one write, so that shells
 * that run at the same time add to each other's; a file that grew too long is replaced by its end. A text of several lines
 * is one line of the file: a backslash and n stand for its line breaks.
 */
export function historyFileIn(dataDir: string): HistoryFile {
  const path = join(dataDir, 'shell-history');
  return {
    read: () => {
      try {
        return readAndTrim(path);
      } catch {
        return [];
      }
    },
    append: (line) => appendFileSync(path, `${encoded(line)}\n`, { mode: 0o600 }),
  };
}

function readAndTrim(path: string): readonly string[] {
  const file = openSync(path, 'r');
  try {
    const { size, mode } = fstatSync(file);
    // Another mode than ours: restored from a backup, or made by hand.
    if ((mode & 0o077) !== 0) fchmodSync(file, 0o600);
    const start = Math.max(0, size - bytesMax);
    const bytes = readFrom(file, start, size);
    // A crash cut off the last line: the next one is another.
    if (bytes.length > 0 && bytes.at(-1) !== lineFeed) appendFileSync(path, '\n');
    const found = linesIn(bytes);
    // What is cut off at the front is no line.
    const lines = start === 0 ? found : found.slice(1);
    if (start > 0 || lines.length > 2 * historyMax) replace(path, lines.slice(-historyMax), { file, size });
    return lines.map(decoded).filter(isShowable).slice(-historyMax);
  } finally {
    closeSync(file);
  }
}

/** Puts a file with these lines in the place of the old one, and what another shell appended to that meanwhile. */
function replace(
  path: string,
  lines: readonly string[],
  old: { readonly file: number; readonly size: number },
): void {
  const temporary = `${path}.${process.pid}.partial`;
  try {
    writeFileSync(temporary, lines.map((line) => `${line}\n`).join(''), { mode: 0o600, flag: 'w' });
    const written = openSync(temporary, 'r+');
    fsyncSync(written);
    closeSync(written);
    renameSync(temporary, path);
    const { size } = fstatSync(old.file);
    if (size > old.size) appendFileSync(path, readFrom(old.file, old.size, size), { mode: 0o600 });
  } catch {
    // A directory that cannot be written to: the file stays as long as it is.
    try {
      unlinkSync(temporary);
    } catch {
      // Nor was this written.
    }
  }
}

function readFrom(file: number, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array(end - start);
  let length = 0;
  while (length < bytes.length) {
    const read = readSync(file, bytes, length, bytes.length - length, start + length);
    if (read === 0) break;
    length += read;
  }
  return bytes.subarray(0, length);
}

/** Those that are text. */
function linesIn(bytes: Uint8Array): readonly string[] {
  const lines: string[] = [];
  let start = 0;
  while (start < bytes.length) {
    const found = bytes.indexOf(lineFeed, start);
    const end = found === -1 ? bytes.length : found;
    const line = fromUtf8(bytes.subarray(start, end));
    if (line !== undefined && line !== '') lines.push(line);
    start = end + 1;
  }
  return lines;
}

function encoded(line: string): string {
  return line.replaceAll('\\', '\\\\').replaceAll('\n', '\\n');
}

function decoded(line: string): string {
  return line.replaceAll(/\\([\\n])/g, (_all, letter) => (letter === 'n' ? '\n' : '\\'));
}

/** What a shell would not have written is not shown either. */
function isShowable(line: string): boolean {
  return line.trim() !== '' && !/(?![\n\t])\p{Cc}/u.test(line);
}
