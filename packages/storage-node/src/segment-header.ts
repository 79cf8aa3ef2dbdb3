import { crc32 } from './crc32.js';

/**
 * What each segment begins with (all numbers big-endian):
 *
 *     8  "LATTLOG\n"
 *     4  version of the format
 *     4  length of the genesis
 *     4  salt
 *     4  zero
 *        the store's genesis in canonical form, padded with zeros to a multiple of 8
 *     4  CRC-32 of all of the above
 *     4  zero
 *
 * All segments of a log have the same header: where one is damaged, another's stands in.
 */
export interface SegmentHeader {
  readonly genesis: Uint8Array;
  /**
   * A random number that all checksums of the log start from. Peers do not know it, so what they put into an entry can
   * not pass for a record when a damaged log is searched for intact ones.
   */
  readonly salt: number;
}

const formatVersion = 1;

/** More than any genesis has; a greater length is damage. */
const genesisBytesMax = 4096;
const fixedBytes = 24;
const magic = Uint8Array.from('LATTLOG\n', (character) => character.charCodeAt(0));

/** A multiple of 8. Where the first record begins. */
export function headerBytes({ genesis }: SegmentHeader): number {
  return fixedBytes + align8(genesis.length) + 8;
}

/** No header is longer. */
export const headerBytesMax = fixedBytes + genesisBytesMax + 8;

export function encodeHeader(header: SegmentHeader): Uint8Array {
  const bytes = new Uint8Array(headerBytes(header));
  const view = new DataView(bytes.buffer);
  bytes.set(magic);
  view.setUint32(8, formatVersion);
  view.setUint32(12, header.genesis.length);
  view.setUint32(16, header.salt);
  bytes.set(header.genesis, fixedBytes);
  const checked = bytes.length - 8;
  view.setUint32(checked, crc32(bytes.subarray(0, checked)));
  return bytes;
}

export type DecodedHeader =
  | { readonly kind: 'header'; readonly header: SegmentHeader }
  | { readonly kind: 'newer'; readonly version: number }
  | { readonly kind: 'damaged' };

/** Reads a header from the first bytes of a file. Later versions keep the place of the checksum. */
export function decodeHeader(bytes: Uint8Array): DecodedHeader {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < fixedBytes || magic.some((byte, i) => bytes[i] !== byte)) return { kind: 'damaged' };
  const genesisLength = view.getUint32(12);
  const checked = fixedBytes + align8(genesisLength);
  if (genesisLength > genesisBytesMax || bytes.length < checked + 4) return { kind: 'damaged' };
  if (view.getUint32(checked) !== crc32(bytes.subarray(0, checked))) return { kind: 'damaged' };
  const version = view.getUint32(8);
  if (version > formatVersion) return { kind: 'newer', version };
  const genesis = bytes.slice(fixedBytes, fixedBytes + genesisLength);
  return { kind: 'header', header: { genesis, salt: view.getUint32(16) } };
}

export function align8(bytes: number): number {
  return Math.ceil(bytes / 8) * 8;
}
