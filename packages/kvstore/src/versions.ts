import type { LocalDot, StateTxn, StateView } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';
import { readDot } from './record.js';

/*
 * Which writes a write replaced. Every version of a key is a head or was replaced by exactly one other, the first that was
 * applied of those that see it: so all are reached from the heads, each once. Keys grow as writes are applied, which
 * makes them cheap to insert, and the first write of a key, which replaces nothing, has none.
 */

const versionsPrefix = 2;

export function rememberReplaced(state: StateTxn, by: LocalDot, replaced: readonly LocalDot[]): void {
  valueWriter.reset();
  for (const { ref, op } of replaced) valueWriter.varint(ref).varint(op);
  state.put(versionKey(by), valueWriter.finish());
}

/** What a version replaced when it was applied here; other nodes may have applied in another order. */
export function replacedBy(state: StateView, version: LocalDot): readonly LocalDot[] {
  const stored = state.get(versionKey(version));
  if (!stored) return [];
  const reader = new ByteReader(stored);
  const replaced: LocalDot[] = [];
  while (reader.remaining > 0) replaced.push(readDot(reader));
  return replaced;
}

const keyWriter = new ByteWriter(16);
const valueWriter = new ByteWriter(16);

function versionKey({ ref, op }: LocalDot): Uint8Array {
  return keyWriter.reset().u8(versionsPrefix).u64(ref).u32(op).finish();
}
