import type { StateTxn, StateView } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';

/** Of all items that were applied. */
export interface Totals {
  readonly count: number;
  /** The greatest position; empty where there is none. */
  readonly last: Uint8Array;
}

/** The one entry of the state that has them. */
const totalsKey = Uint8Array.of(2);

export function totalsOf(state: StateView): Totals {
  const stored = state.get(totalsKey);
  if (!stored) return { count: 0, last: new Uint8Array(0) };
  const reader = new ByteReader(stored);
  return { count: reader.varint(), last: reader.raw(reader.remaining) };
}

export function setTotals(state: StateTxn, { count, last }: Totals): void {
  state.put(totalsKey, new ByteWriter(8 + last.length).varint(count).raw(last).finish());
}
