import type { Entry } from '@lattice/model';
import { ByteWriter } from './byte-writer.js';

/**
 * Lays out an entry's canonical bytes, whose hash (domain "entry") is its name. Nothing is ever decoded from them: an
 * entry travels and is stored as fields, and whoever receives it lays them out anew, so that no second encoding of the
 * same entry can exist.
 */
export function writeCanonicalEntry(writer: ByteWriter, entry: Entry): ByteWriter {
  return writeCanonicalHead(writer, entry).raw(entry.payload);
}

/** All of an entry's canonical bytes but the payload, which comes last. */
export function writeCanonicalHead(writer: ByteWriter, entry: Entry): ByteWriter {
  writer.raw(entry.author).u64(entry.seq).raw(entry.prev).bigU64(entry.hlc).u8(entry.deps.length);
  for (const dep of entry.deps) writer.raw(dep.author).u64(dep.seq).raw(dep.hash);
  if (entry.instead) writer.u8(1).raw(entry.instead);
  else writer.u8(0);
  return writer.u32(entry.payload.length);
}

export function canonicalEntryBytes(entry: Entry): Uint8Array {
  return writeCanonicalEntry(new ByteWriter(256 + entry.payload.length), entry).finish();
}

/** How many bytes `writeCanonicalEntry` lays out: what the bounds of bundles count. */
export function canonicalEntryLength({ deps, instead, payload }: Entry): number {
  return canonicalLength(deps.length, instead !== undefined, payload.length);
}

/** The same, of an entry of which that is known. */
export function canonicalLength(deps: number, isAgain: boolean, payloadBytes: number): number {
  return 32 + 8 + 32 + 8 + 1 + 72 * deps + 1 + (isAgain ? 32 : 0) + 4 + payloadBytes;
}
