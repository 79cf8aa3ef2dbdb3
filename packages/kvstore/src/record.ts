import { concatBytes, type LocalDot, type LocalRef } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';

/** What the state holds for a key: its heads, the winner first, and the winner's value. */
export interface KvRecord {
  readonly winner: LocalDot;
  /** The heads that lost, in no order that means anything; their values are in the log. */
  readonly others: readonly LocalDot[];
  /** `undefined` where the winner deleted the key. */
  readonly value: Uint8Array | undefined;
}

/** Records lie behind this byte; what is behind others is in `versions.ts` and `conflicts.ts`. */
const recordsPrefix = Uint8Array.of(1);

export function recordKey(key: Uint8Array): Uint8Array {
  return concatBytes(recordsPrefix, key);
}

/** The first key behind all records. */
export const recordsEnd = Uint8Array.of(2);

export function keyOfRecord(stateKey: Uint8Array): Uint8Array {
  return stateKey.subarray(recordsPrefix.length);
}

export function encodeRecord({ winner, others, value }: KvRecord): Uint8Array {
  const writer = new ByteWriter(24 + (value?.length ?? 0) + 12 * others.length);
  writer.varint(others.length).varint(winner.ref).varint(winner.op);
  for (const { ref, op } of others) writer.varint(ref).varint(op);
  if (!value) return writer.u8(0).finish();
  return writer.u8(1).raw(value).finish();
}

export function decodeRecord(bytes: Uint8Array): KvRecord {
  const reader = new ByteReader(bytes);
  const count = reader.varint();
  const winner = readDot(reader);
  const others: LocalDot[] = [];
  for (let i = 0; i < count; i++) others.push(readDot(reader));
  const present = reader.u8() === 1;
  return { winner, others, value: present ? reader.raw(reader.remaining) : undefined };
}

export function readDot(reader: ByteReader): LocalDot {
  return { ref: reader.varint() as LocalRef, op: reader.varint() };
}
