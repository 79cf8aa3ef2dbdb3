import { assert } from '@lattice/model';
import { recordBytesMax } from '@lattice/storage';
import { crc32 } from './crc32.js';
import { crc32OfWord } from './crc32-word.js';
import { align8 } from './segment-header.js';

/**
 * How a record lies in a segment (all numbers big-endian), at a multiple of 8:
 *
 *     4  1 bit: it was appended together with the record before it; 31 bits: its length
 *     4  CRC-32 of these four bytes, started from the log's salt
 *     4  CRC-32 of the record, started from the one before
 *        the record, padded with zeros to a multiple of 8
 *
 * A length of zero ends the data; the greatest length seals the segment: it is complete, and the next one goes on.
 * One with its highest bit set (2^30) and not that is of a gap: the other bits, times 8, are how many bytes from here on are
 * out of use. It is written where a record was lost, when that was made up for, and where a torn append was cut off behind
 * others; it has its first two words only.
 *
 * The length has a checksum of its own so that damage to a record leaves its end known, damage to a length is seen
 * before a byte of the record is read, and a search for intact records costs what it reads, whatever the bytes are.
 * The bit tells a torn append from lost data: the first record of an append was written when all before it was synced,
 * so damage before it concerns what was acknowledged, while damage with only the rest of the same append behind it is
 * what a crash leaves of a write that was not.
 */
export interface FrameHead {
  readonly kind: 'record' | 'seal' | 'gap';
  /** Of the record, or of the gap. Bytes. */
  readonly length: number;
  readonly continued: boolean;
  /** CRC-32 that the record's own is started from. */
  readonly check: number;
}

export const frameHeadBytes = 12;

const continuedBit = 0x8000_0000;
const lengthMask = 0x7fff_ffff;
const sealLength = lengthMask;
const gapBit = 0x4000_0000;

/** Bytes that a record of that length takes in a segment. */
export function frameBytes(length: number): number {
  return align8(frameHeadBytes + length);
}

/** Bytes that a frame without a record takes at least: a seal does, and a gap may. */
export const bareFrameBytes = align8(frameHeadBytes);

/** Bytes that all of these take. */
export function framesBytes(records: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const { length } of records) bytes += frameBytes(length);
  return bytes;
}

/** Lays out, from the beginning of `into`, all the records of one append and, with `seal`, the seal. */
export function encodeFrames(
  records: readonly Uint8Array[],
  seal: boolean,
  salt: number,
  into: Uint8Array,
  view: DataView,
): void {
  let at = 0;
  for (const record of records) {
    assert(record.length > 0 && record.length <= recordBytesMax, 'a record has 1 to 2 Mi bytes');
    const check = encodeHead(view, at, record.length + (at > 0 ? continuedBit : 0), salt);
    view.setUint32(at + 8, crc32(record, check));
    into.set(record, at + frameHeadBytes);
    const next = at + frameBytes(record.length);
    into.fill(0, at + frameHeadBytes + record.length, next);
    at = next;
  }
  if (!seal) return;
  view.setUint32(at + 8, encodeHead(view, at, sealLength + continuedBit, salt));
  into.fill(0, at + frameHeadBytes, at + bareFrameBytes);
}

/** What takes the place of that many bytes, a multiple of 8, where something was lost. */
export function encodeGap(bytes: number, salt: number): Uint8Array {
  assert(bytes >= bareFrameBytes && bytes % 8 === 0, 'what is lost is frames');
  const gap = new Uint8Array(8);
  encodeHead(new DataView(gap.buffer), 0, gapBit + bytes / 8, salt);
  return gap;
}

/** What seals a segment on its own. */
export function encodeSeal(salt: number): Uint8Array {
  const seal = new Uint8Array(bareFrameBytes);
  encodeFrames([], true, salt, seal, new DataView(seal.buffer));
  return seal;
}

/** The head that lies at that place, unless it is damaged, or zero, or there is none. The record may be damaged still. */
export function decodeHead(view: DataView, at: number, salt: number): FrameHead | undefined {
  const word = view.getUint32(at);
  const length = word & lengthMask;
  const isGap = length > gapBit && length !== sealLength;
  if (length === 0 || (length > recordBytesMax && length !== sealLength && !isGap)) return undefined;
  const check = crc32OfWord(word, salt);
  if (view.getUint32(at + 4) !== check) return undefined;
  const continued = word >= continuedBit;
  if (isGap) return { kind: 'gap', length: (length - gapBit) * 8, continued, check };
  if (length !== sealLength) return { kind: 'record', length, continued, check };
  return view.getUint32(at + 8) === check ? { kind: 'seal', length: 0, continued, check } : undefined;
}

/** Whether the record whose head lies there is intact. */
export function isIntact(bytes: Uint8Array, view: DataView, at: number, head: FrameHead): boolean {
  if (head.kind !== 'record') return true;
  const record = bytes.subarray(at + frameHeadBytes, at + frameHeadBytes + head.length);
  return record.length === head.length && view.getUint32(at + 8) === crc32(record, head.check);
}

function encodeHead(view: DataView, at: number, word: number, salt: number): number {
  const check = crc32OfWord(word, salt);
  view.setUint32(at, word);
  view.setUint32(at + 4, check);
  return check;
}
