import type { RangeOptions, StateView } from '@lattice/model';
import { mergedRange } from './merged-range.js';
import type { PendingWrites } from './pending-writes.js';

/** What these say of a key, the first of them that says anything, a view: `null` where it is removed, `undefined` where none does. */
export function layeredValue(
  layers: readonly PendingWrites[],
  key: Uint8Array,
): Uint8Array | null | undefined {
  for (const layer of layers) {
    const value = valueIn(layer, key);
    if (value !== undefined) return value;
  }
  return undefined;
}

export function valueIn(layer: PendingWrites, key: Uint8Array): Uint8Array | null | undefined {
  const write = layer.find(key);
  return write < 0 ? undefined : layer.value(write);
}

/** What these hold, each before the next one, and all of them before what lies below. */
export function layeredRange(
  [first, ...others]: readonly PendingWrites[],
  below: Pick<StateView, 'range'>,
  options: RangeOptions,
): Iterable<readonly [key: Uint8Array, value: Uint8Array]> {
  if (!first) return below.range(options);
  return mergedRange(first, { range: (some = {}) => layeredRange(others, below, some) }, options);
}
