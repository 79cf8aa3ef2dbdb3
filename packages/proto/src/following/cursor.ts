import { equalBytes, fromHex, LatticeError, type LocalRef, type StoreId, toHex } from '@lattice/model';
import { ByteReader } from '../byte-reader.js';
import { ByteWriter } from '../byte-writer.js';
import { MalformedError } from '../malformed.js';

/*
 * A cursor is, in hexadecimal digits:
 *
 *   kind        u8        1: following, 2: listing
 *   store       8 bytes   the first of the store's id
 *   era         8 bytes   see `LogPlace`
 *   ref         varint
 *   op          varint    following
 *   after       the rest  listing
 *   checksum    4 bytes   FNV-1a of all before it: a digit that was mistyped must not mean another place
 */

/** How far a follower has come. */
export type FollowPosition = Following | Listing;

/** It was told of every operation before this one. */
export interface Following {
  readonly kind: 'following';
  readonly era: Uint8Array;
  readonly ref: LocalRef;
  readonly op: number;
}

/** It is being told what the state has, in the order of its keys, and then of what was applied from `ref` on, where the listing began. */
export interface Listing {
  readonly kind: 'listing';
  readonly era: Uint8Array;
  readonly ref: LocalRef;
  /** The last key that was told; empty at first. */
  readonly after: Uint8Array;
}

const kinds = { following: 1, listing: 2 } as const;
const storeBytes = 8;
const eraBytes = 8;
const checksumBytes = 4;
/** With the longest key. */
const cursorCharsMax = 2_200;

export function encodeCursor(position: FollowPosition, store: StoreId): string {
  const writer = new ByteWriter(64)
    .u8(kinds[position.kind])
    .raw(store.subarray(0, storeBytes))
    .raw(position.era)
    .varint(position.ref);
  if (position.kind === 'following') writer.varint(position.op);
  else writer.raw(position.after);
  const body = writer.finish();
  return toHex(new ByteWriter(body.length + checksumBytes).raw(body).u32(checksumOf(body)).finish());
}

/** Throws `cursor-invalid`, or `cursor-foreign` for one of another store. */
export function decodeCursor(text: string, store: StoreId): FollowPosition {
  try {
    if (text.length > cursorCharsMax) throw invalid();
    const bytes = fromHex(text);
    const body = bytes.subarray(0, -checksumBytes);
    const checksum = new ByteReader(bytes.subarray(body.length)).u32();
    if (checksum !== checksumOf(body)) throw invalid();
    return readPosition(new ByteReader(body), store);
  } catch (error) {
    if (error instanceof LatticeError && error.code === 'cursor-foreign') throw error;
    if (error instanceof LatticeError || error instanceof MalformedError) throw invalid();
    throw error;
  }
}

function readPosition(reader: ByteReader, store: StoreId): FollowPosition {
  const kind = reader.u8();
  const ofStore = reader.raw(storeBytes);
  const era = reader.raw(eraBytes);
  const ref = reader.varint() as LocalRef;
  if (!equalBytes(ofStore, store.subarray(0, storeBytes))) throw foreign();
  if (kind === kinds.listing) return { kind: 'listing', era, ref, after: reader.raw(reader.remaining) };
  if (kind !== kinds.following) throw invalid();
  const op = reader.varint();
  reader.end();
  return { kind: 'following', era, ref, op };
}

/** The hash of Fowler, Noll and Vo (FNV-1a), 32 bits. */
function checksumOf(bytes: Uint8Array): number {
  let hash = 0x811c_9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x0100_0193);
  return hash >>> 0;
}

function invalid(): LatticeError {
  return new LatticeError(
    'cursor-invalid',
    'That is not a whole cursor: give it exactly as it was given out, or leave it out to go on from now.',
  );
}

function foreign(): LatticeError {
  return new LatticeError(
    'cursor-foreign',
    'That cursor is of another store: name that one, or leave the cursor out to go on in this one from now.',
  );
}
