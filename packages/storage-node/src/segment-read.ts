import type { OpenFile } from '@lattice/storage';
import { decodeHead, frameBytes, frameHeadBytes, isIntact } from './segment-frame.js';

/** Holds most records: they then cost one read. Shared, as reads are synchronous. */
const firstBytes = new Uint8Array(4096);
const firstView = new DataView(firstBytes.buffer);

/** The record whose frame begins there and ends by `limit`, or `undefined` where there is none intact. */
export function readRecord(
  file: OpenFile,
  salt: number,
  position: number,
  limit: number,
): Uint8Array | undefined {
  const read = file.read(firstBytes, position);
  const head = read < frameHeadBytes ? undefined : decodeHead(firstView, 0, salt);
  if (head?.kind !== 'record' || position + frameBytes(head.length) > limit) return undefined;
  const end = frameHeadBytes + head.length;
  if (end <= read)
    return isIntact(firstBytes, firstView, 0, head) ? firstBytes.slice(frameHeadBytes, end) : undefined;
  const bytes = new Uint8Array(end);
  if (file.read(bytes, position) < end) return undefined;
  return isIntact(bytes, new DataView(bytes.buffer), 0, head) ? bytes.subarray(frameHeadBytes) : undefined;
}
