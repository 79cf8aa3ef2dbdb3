import { concatBytes, type LocalRef } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';

/** What the state holds at an item's position. */
export interface LogRecord {
  readonly ref: LocalRef;
  /** Whether items that lie behind it were applied here before it: a fact of this node, as `ref` is. */
  readonly late: boolean;
  /** `undefined` where it is too large to be kept twice: it is in the log. */
  readonly value: Uint8Array | undefined;
}

/** Larger values stay in the log alone: a range over small ones reads the state and nothing else. */
const inlineBytesMax = 1_024;

/** Records lie behind this byte; what is behind the next one is in `totals.ts`. */
const recordsPrefix = Uint8Array.of(1);
export const recordsEnd = Uint8Array.of(2);

const flagLate = 1;
const flagInline = 2;

/** Positions order as places do, so entries that arrive as they are written are inserted at the end. */
export function recordKey(position: Uint8Array): Uint8Array {
  return concatBytes(recordsPrefix, position);
}

export function positionOfRecord(stateKey: Uint8Array): Uint8Array {
  return stateKey.slice(recordsPrefix.length);
}

export function encodeRecord(ref: LocalRef, late: boolean, value: Uint8Array): Uint8Array {
  const isInline = value.length <= inlineBytesMax;
  const writer = new ByteWriter(10 + (isInline ? value.length : 0));
  writer.varint(ref).u8((late ? flagLate : 0) | (isInline ? flagInline : 0));
  if (isInline) writer.raw(value);
  return writer.finish();
}

export function decodeRecord(bytes: Uint8Array): LogRecord {
  const reader = new ByteReader(bytes);
  const ref = reader.varint() as LocalRef;
  const flags = reader.u8();
  const value = (flags & flagInline) === 0 ? undefined : reader.raw(reader.remaining);
  return { ref, late: (flags & flagLate) !== 0, value };
}
