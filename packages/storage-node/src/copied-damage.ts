import type { LogStretch } from '@lattice/storage';
import { dirname, basename } from 'node:path';
import { NodeFiles } from './node-files.js';
import { offsetOf, positionOf, segmentNumber } from './segment-address.js';
import { decodeHeader, headerBytes, headerBytesMax, type SegmentHeader } from './segment-header.js';
import { FileWindow } from './file-window.js';
import { walkSegment } from './segment-walk.js';
import { nextTurn } from './system-ports.js';

/** The event loop turns after so much. */
const pieceBytes = 1024 * 1024;

/**
 * The damage in a segment's file, which is to be named as one: by the checksums of its records. Where its own header is not
 * intact, that of another segment of the log stands in. Where nothing intact comes behind damage it goes to the file's end.
 */
export async function damageIn(
  path: string,
  other: SegmentHeader | undefined,
): Promise<{ readonly header: SegmentHeader | undefined; readonly damaged: readonly LogStretch[] }> {
  const segment = segmentNumber(basename(path)) ?? 0;
  const file = new NodeFiles(dirname(path)).open(basename(path));
  try {
    const size = file.size();
    const bytes = new Uint8Array(headerBytesMax);
    const decoded = decodeHeader(bytes.subarray(0, file.read(bytes, 0)));
    const header = decoded.kind === 'header' ? decoded.header : other;
    if (header === undefined)
      return { header, damaged: [{ offset: offsetOf(segment, 0), next: offsetOf(segment + 1, 0) }] };
    const damaged: LogStretch[] = [];
    const begins = headerBytes(header);
    let from = begins;
    for (const item of walkSegment(new FileWindow(() => file, size), header.salt, begins)) {
      const offset = offsetOf(segment, item.position);
      if (item.kind === 'damaged') damaged.push({ offset, next: offsetOf(segment, item.next) });
      if (item.kind === 'rest' && !item.blank) damaged.push({ offset, next: offsetOf(segment + 1, begins) });
      if (positionOf(offset) - from < pieceBytes) continue;
      from = positionOf(offset);
      await nextTurn();
    }
    return { header, damaged };
  } finally {
    file.close();
  }
}
