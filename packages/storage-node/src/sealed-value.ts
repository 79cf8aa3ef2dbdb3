import { LatticeError } from '@lattice/model';
import { crc32 } from './crc32.js';

/*
 * LMDB has no checksums. Where a page of a tree is damaged, its structure shows it; a value that takes several pages has
 * none in all but the first. So a large value is stored with a checksum behind it:
 *
 *        the value
 *     4  its CRC-32, big-endian
 */

/** A value that is stored with so many bytes or fewer has no checksum. With more it may take several pages. */
export const unsealedBytesMax = 2_048;

const checksumBytes = 4;

export function sealed(value: Uint8Array): Uint8Array {
  if (value.length + checksumBytes <= unsealedBytesMax) return value;
  const stored = new Uint8Array(value.length + checksumBytes);
  stored.set(value);
  new DataView(stored.buffer).setUint32(value.length, crc32(value));
  return stored;
}

/** A view of what was sealed. Throws `state-damaged`. */
export function unsealed(stored: Uint8Array): Uint8Array {
  if (stored.length <= unsealedBytesMax) return stored;
  if (!isWhole(stored))
    throw new LatticeError(
      'state-damaged',
      'A value in state.db is damaged: stop the node, remove the file, and start it again.',
    );
  return stored.subarray(0, -checksumBytes);
}

export function isWhole(stored: Uint8Array): boolean {
  if (stored.length <= unsealedBytesMax) return true;
  const value = stored.subarray(0, -checksumBytes);
  const checksum = new DataView(stored.buffer, stored.byteOffset + value.length, checksumBytes).getUint32(0);
  return checksum === crc32(value);
}
