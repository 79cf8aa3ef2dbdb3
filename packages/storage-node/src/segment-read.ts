import type { OpenFile } from '@lattice/storage';
import { decodeHead, frameBytes, frameHeadBytes, isIntact } from './segment-frame.js';

/** Holds most records: they then cost one read. Shared, as reads are synchronous. */
const firstBytes = new Uint8Array(4096);
const firstView = new DataView(firstBytes.buffer);

/**
 * The record whose frame begins there and ends by `limit`, or `undefined` where there is none intact. One that has to be read
 * a second time is laid in `into`, where it fits.
 */
export function readRecord(
  file: OpenFile,
  salt: number,
  position: number,
  limit: number,
  into: Uint8Array = firstBytes,
): Uint8Array | undefined {
  const read = file.read(firstBytes, position);
  const head = read < frameHeadBytes ? undefined : decodeHead(firstView, 0, salt);
  if (head?.kind !== 'record' || position + frameBytes(head.length) > limit) return undefined;
  const end = frameHeadBytes + head.length;
  if (end <= read)
    return isIntact(firstBytes, firstView, 0, head) ? firstBytes.slice(frameHeadBytes, end) : undefined;
  const bytes = end <= into.length ? into.subarray(0, end) : new Uint8Array(end);
  if (file.read(bytes, position) < end) return undefined;
  return isIntact(bytes, viewOf(bytes), 0, head) ? bytes.subarray(frameHeadBytes) : undefined;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
