import type { StateTxn, StateView } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';

/** The one entry of the state that says how many keys are in conflict. */
const conflictsKey = Uint8Array.of(3);

/**
 * How many keys have more than one head, deletes included: also one that several nodes deleted without knowing of each
 * other, or that is absent because the winner deleted it.
 */
export function kvConflicts(state: StateView): number {
  const stored = state.get(conflictsKey);
  return stored ? new ByteReader(stored).varint() : 0;
}

export function addToConflicts(state: StateTxn, change: 1 | -1): void {
  state.put(conflictsKey, new ByteWriter(8).varint(kvConflicts(state) + change).finish());
}
