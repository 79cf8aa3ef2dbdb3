import { LatticeError } from '@lattice/model';
import type { Files, OpenFile } from '@lattice/storage';
import { segmentName, segmentNumber } from './segment-address.js';
import { decodeHeader, encodeHeader, headerBytesMax, type SegmentHeader } from './segment-header.js';

/** A segment in the making. It gets its own name when it is complete, so no crash leaves one without its header. */
const temporaryName = 'next.tmp';

/** Makes a segment without records. Once resolved, it survives a crash of the machine. */
export async function createSegment(files: Files, header: SegmentHeader, segment: number): Promise<OpenFile> {
  await removeTemporary(files);
  const file = files.open(temporaryName, { create: true });
  try {
    await file.write(encodeHeader(header), 0);
    await file.sync();
    await files.rename(temporaryName, segmentName(segment));
    await files.syncDirectory();
    return file;
  } catch (error) {
    file.close();
    throw error;
  }
}

export interface SegmentSet {
  readonly header: SegmentHeader;
  /** Which segments there are, ascending. */
  readonly numbers: number[];
  /** The last segment's own header is not intact: `header` is another's. */
  readonly lastIsHeadless: boolean;
}

/**
 * Finds the segments in a directory. Only the last one's header is read, if it is intact: complete segments were synced
 * and are never written again, so what has happened to them since shows when they are read, by the checksums.
 */
export async function findSegments(files: Files): Promise<SegmentSet> {
  await removeTemporary(files);
  const names = await files.list();
  const numbers = names.flatMap((name) => segmentNumber(name) ?? []).sort((a, b) => a - b);
  for (const segment of numbers.toReversed()) {
    const header = readHeader(files, segment);
    if (header !== undefined) return { header, numbers, lastIsHeadless: segment !== numbers.at(-1) };
  }
  throw new LatticeError(
    'store-damaged',
    'No segment of the log has an intact header: restore the store from a backup, or delete it and sync it again.',
  );
}

function readHeader(files: Files, segment: number): SegmentHeader | undefined {
  const file = files.open(segmentName(segment));
  try {
    const bytes = new Uint8Array(headerBytesMax);
    const decoded = decodeHeader(bytes.subarray(0, file.read(bytes, 0)));
    if (decoded.kind === 'header') return decoded.header;
    if (decoded.kind === 'damaged') return undefined;
    throw new LatticeError(
      'data-dir-newer',
      `The log is of version ${decoded.version}, which this program does not know: install a newer one.`,
    );
  } finally {
    file.close();
  }
}

async function removeTemporary(files: Files): Promise<void> {
  const names = await files.list();
  if (names.includes(temporaryName)) await files.remove(temporaryName);
}
