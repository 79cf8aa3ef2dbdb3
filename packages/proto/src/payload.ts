import { assert } from '@lattice/model';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { MalformedError } from './malformed.js';

/** A payload taken apart: which version of its machine wrote it, and the operations in that machine's encoding. */
export interface Payload {
  readonly version: number;
  readonly operations: Uint8Array;
}

/** A varint with the machine's version (1 ...), then each caller's encoded operations, one after the other. */
export function encodePayload(version: number, operations: readonly Uint8Array[]): Uint8Array {
  assert(version > 0, 'machine versions count from 1');
  const writer = new ByteWriter(operations.reduce((sum, bytes) => sum + bytes.length, 8)).varint(version);
  for (const bytes of operations) writer.raw(bytes);
  return writer.view();
}

/** So many bytes before operations are enough for what a payload has before them. */
export const payloadHeadroom = 8;

const headroom = new Uint8Array(payloadHeadroom);

/** Operations as `write` lays them out, which take about so many bytes, behind a headroom of their own. */
export function withHeadroom(bytes: number, write: (writer: ByteWriter) => void): Uint8Array {
  const writer = new ByteWriter(payloadHeadroom + bytes).raw(headroom);
  write(writer);
  return writer.view().subarray(payloadHeadroom);
}

/** The same of one caller's operations, laid out where they lie: over some of the `payloadHeadroom` bytes before them. */
export function payloadAround(version: number, operations: Uint8Array): Uint8Array {
  assert(version > 0, 'machine versions count from 1');
  const head = new ByteWriter(payloadHeadroom).varint(version).view();
  const from = operations.byteOffset - head.length;
  const payload = new Uint8Array(operations.buffer, from, head.length + operations.length);
  payload.set(head);
  return payload;
}

/** Of an entry that is not a merge entry (those have no payload). Throws `MalformedError`. */
export function decodePayload(payload: Uint8Array): Payload {
  const reader = new ByteReader(payload);
  const version = reader.varint();
  if (version === 0) throw new MalformedError('machine versions count from 1');
  return { version, operations: reader.raw(reader.remaining) };
}
