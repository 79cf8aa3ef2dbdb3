import { concatBytes, type LocalDot, type LocalRef } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';

/** What the state holds for a key: its heads, the winner first, and the winner's value. */
export interface KvRecord {
  readonly winner: LocalDot;
  /** The heads that lost, in no order that means anything; their values are in the log. */
  readonly others: readonly LocalDot[];
  readonly value: StoredValue;
}

/** The winner's; `undefined` where it deleted the key. */
export type StoredValue = Uint8Array | 'in-log' | undefined;

/**
 * Larger values stay in the log alone, lest each be written twice. A value in the state is the faster one to read, above
 * all where it was written together with many others, for a record of the log is read and checked as a whole: hence no
 * lower a bound.
 */
const inlineBytesMax = 4_096;

/** What of a value a record holds. */
export function storedValue(value: Uint8Array): StoredValue {
  return value.length > inlineBytesMax ? 'in-log' : value;
}

/** Records lie behind this byte; what is behind others is in `versions.ts` and `conflicts.ts`. */
const recordsPrefix = Uint8Array.of(1);

export function recordKey(key: Uint8Array): Uint8Array {
  return concatBytes(recordsPrefix, key);
}

/** The first key behind all records. */
export const recordsEnd = Uint8Array.of(2);

/** V8 keeps arrays of up to so many bytes within themselves: a view of one costs four times what copying it does. */
const shortBytesMax = 64;

export function keyOfRecord(stateKey: Uint8Array): Uint8Array {
  return stateKey.slice(recordsPrefix.length);
}

const flagPresent = 1;
const flagInLog = 2;
const flagOthers = 4;

/** Records are small: what is large stays in the log. */
const recordWriter = new ByteWriter(256);

/** For use until the next one is encoded: tables copy what they are given. */
export function encodeRecord({ winner, others, value }: KvRecord): Uint8Array {
  const inline = value === 'in-log' ? undefined : value;
  const presence = value === undefined ? 0 : flagPresent | (inline ? 0 : flagInLog);
  recordWriter.reset().u8(presence | (others.length > 0 ? flagOthers : 0));
  writeDot(recordWriter, winner);
  if (others.length > 0) {
    recordWriter.varint(others.length);
    for (const other of others) writeDot(recordWriter, other);
  }
  if (inline) recordWriter.raw(inline);
  return recordWriter.view();
}

export function decodeRecord(bytes: Uint8Array): KvRecord {
  const reader = new ByteReader(bytes);
  const flags = reader.u8();
  const winner = readDot(reader);
  const others: LocalDot[] = [];
  for (let left = flags & flagOthers ? reader.varint() : 0; left > 0; left--) others.push(readDot(reader));
  if ((flags & flagPresent) === 0) return { winner, others, value: undefined };
  return { winner, others, value: flags & flagInLog ? 'in-log' : reader.raw(reader.remaining) };
}

/** The only head of a record that has no other, as most do. */
export function onlyHead(bytes: Uint8Array): LocalDot | undefined {
  const reader = new ByteReader(bytes);
  return reader.u8() & flagOthers ? undefined : readDot(reader);
}

/**
 * The value of a record that holds it and has no head beside the winner, as most do, found without reading who wrote it. It
 * may be a view.
 */
export function plainValue(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes[0] !== flagPresent) return undefined;
  let at = 1;
  while ((bytes[at++] as number) >= 0x80);
  while ((bytes[at++] as number) >= 0x80);
  return bytes.length > shortBytesMax ? bytes.subarray(at) : bytes.slice(at);
}

export function readDot(reader: ByteReader): LocalDot {
  return { ref: reader.varint() as LocalRef, op: reader.varint() };
}

function writeDot(writer: ByteWriter, { ref, op }: LocalDot): void {
  writer.varint(ref).varint(op);
}
