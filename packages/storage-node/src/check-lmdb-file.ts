import fs from 'node:fs';
import { checkLmdbPages } from './check-lmdb-pages.js';
import { systemCode } from './disk-errors.js';
import { decodeMeta, type LmdbMeta, metaBytes } from './lmdb-meta.js';

export type LmdbFileCheck =
  | { readonly kind: 'absent' }
  | { readonly kind: 'plausible' }
  | { readonly kind: 'damaged'; readonly reason: string };

export interface LmdbCheckOptions {
  /** Whether to go through all pages, and not only the first two; a file larger than so many bytes is spared that. */
  readonly pagesOfFilesUpTo: number;
}

/**
 * Whether a file may be handed to LMDB, which does not check what it maps: garbage, or a file that is shorter than it
 * says, is a segmentation fault or a bus error. The meta pages tell most of that; what damaged pages hold is followed just
 * as blindly, but finding them takes reading all.
 */
export function checkLmdbFile(path: string, options: LmdbCheckOptions): LmdbFileCheck {
  let file: number;
  try {
    file = fs.openSync(path, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { kind: 'absent' };
    throw error;
  }
  try {
    const status = fs.fstatSync(file);
    const problem = status.isFile() ? problemOf(file, status.size, options) : 'it is not a file';
    return problem === undefined ? { kind: 'plausible' } : { kind: 'damaged', reason: problem };
  } finally {
    fs.closeSync(file);
  }
}

function problemOf(file: number, size: number, { pagesOfFilesUpTo }: LmdbCheckOptions): string | undefined {
  const first = readMeta(file, 0);
  if (typeof first === 'string') return first;
  const second = readMeta(file, first.pageSize);
  if (typeof second === 'string') return second;
  if (second.pageSize !== first.pageSize) return 'its page sizes differ';
  for (const { lastPage, pageSize } of [first, second]) {
    if ((lastPage + 1) * pageSize > size) return 'it is cut off';
  }
  if (size > pagesOfFilesUpTo) return undefined;
  return checkLmdbPages(file, first.transaction >= second.transaction ? first : second);
}

function readMeta(file: number, position: number): LmdbMeta | string {
  const bytes = new Uint8Array(metaBytes);
  const length = fs.readSync(file, bytes, 0, metaBytes, position);
  return decodeMeta(new DataView(bytes.buffer, 0, length));
}
