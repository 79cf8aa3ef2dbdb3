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

/** Of an entry that is not a merge entry (those have no payload). Throws `MalformedError`. */
export function decodePayload(payload: Uint8Array): Payload {
  const reader = new ByteReader(payload);
  const version = reader.varint();
  if (version === 0) throw new MalformedError('machine versions count from 1');
  return { version, operations: reader.raw(reader.remaining) };
}
