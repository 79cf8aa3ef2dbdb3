import { ByteReader, ByteWriter } from '@lattice/proto';
import type { LocalRef } from '@lattice/model';

/** Keys and small values of the index tables. Numbers are big-endian, so that bytewise order is numeric order. */
const writer = new ByteWriter(64);

export function refKey(ref: LocalRef): Uint8Array {
  return writer.reset().u64(ref).finish();
}

export function chainKey(chain: number): Uint8Array {
  return writer.reset().u32(chain).finish();
}

/** A place in a chain: orders by chain, then by seq. */
export function placeKey(chain: number, seq: number): Uint8Array {
  return writer.reset().u32(chain).u64(seq).finish();
}

export function placeFromKey(key: Uint8Array): { readonly chain: number; readonly seq: number } {
  const reader = new ByteReader(key);
  return { chain: reader.u32(), seq: reader.u64() };
}
