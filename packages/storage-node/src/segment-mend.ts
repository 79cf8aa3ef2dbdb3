import { assert } from '@lattice/model';
import type { Files, LogStretch, OpenFile } from '@lattice/storage';
import { FileWindow } from './file-window.js';
import { positionOf, segmentOf } from './segment-address.js';
import { encodeGap, encodeSeal } from './segment-frame.js';
import { encodeHeader, headerBytes, type SegmentHeader } from './segment-header.js';
import { walkSegment } from './segment-walk.js';

/** How much of what lay there is set aside: of one stretch, and of how many. What comes beyond that is not. */
const asideBytesMax = 2 * 1024 * 1024;
const asideFilesMax = 32;
const asideEnd = '.damaged';

/**
 * Puts a stretch of a segment out of use: a gap takes its place, or the seal where nothing intact comes behind it in the
 * segment. Only bytes of the stretch itself are written to, the first 16 at most, and in one go: torn, they are as damaged
 * as they were.
 */
export async function mendSegment(
  files: Files,
  file: OpenFile,
  header: SegmentHeader,
  { offset, next }: LogStretch,
): Promise<void> {
  const position = positionOf(offset);
  const end = segmentOf(next) === segmentOf(offset) ? positionOf(next) : Infinity;
  if (isMended(file, header.salt, position, end)) return;
  await setAside(files, file, offset, Math.min(end, file.size()) - position);
  if (file.size() < headerBytes(header)) await file.write(encodeHeader(header), 0);
  const mark = end === Infinity ? encodeSeal(header.salt) : encodeGap(end - position, header.salt);
  await file.write(mark, position);
  await file.sync();
  assert(isMended(file, header.salt, position, end), 'what was just written is read back');
}

function isMended(file: OpenFile, salt: number, position: number, end: number): boolean {
  const [first] = walkSegment(new FileWindow(() => file, file.size()), salt, position);
  return end === Infinity ? first?.kind === 'seal' : first?.kind === 'gap' && first.next === end;
}

/** For whoever wants to look into it, or knows how to read it after all. */
async function setAside(files: Files, file: OpenFile, offset: number, length: number): Promise<void> {
  const name = `${offset.toString(16).padStart(16, '0')}${asideEnd}`;
  const there = (await files.list()).filter((other) => other.endsWith(asideEnd));
  // A crash may have left a part of it.
  if (there.includes(name)) await files.remove(name);
  else if (there.length >= asideFilesMax) return;
  const bytes = new Uint8Array(Math.max(0, Math.min(length, asideBytesMax)));
  const aside = files.open(name, { create: true });
  try {
    await aside.write(bytes.subarray(0, file.read(bytes, positionOf(offset))), 0);
    await aside.sync();
  } finally {
    aside.close();
  }
  await files.syncDirectory();
}
