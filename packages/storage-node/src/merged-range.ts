import type { RangeOptions, StateView } from '@lattice/model';
import type { PendingWrites } from './pending-writes.js';

type Pair = readonly [key: Uint8Array, value: Uint8Array];

/** What is pending, before what lies below. */
export function* mergedRange(
  pending: PendingWrites,
  below: Pick<StateView, 'range'>,
  { limit, ...options }: RangeOptions,
): Generator<Pair> {
  const { all, from, to } = pending.between(options.gte, options.lt);
  const upper = inOrder(all, from, to, options.reverse === true);
  // Whatever is pending hides one pair at most.
  const enough = limit === undefined ? {} : { limit: limit + (to - from) };
  const lower = below.range({ ...options, ...enough })[Symbol.iterator]();
  try {
    let [above, under] = [upper.next(), lower.next()];
    for (let left = limit ?? Infinity; left > 0 && !(above.done && under.done);) {
      const order = orderOf(pending, above, under, options.reverse === true);
      const value = order <= 0 ? pending.value(above.value as number) : undefined;
      if (value) {
        yield [pending.key(above.value as number).slice(), value.slice()];
        left--;
      } else if (order >= 0 && value === undefined) {
        yield under.value as Pair;
        left--;
      }
      if (order <= 0) above = upper.next();
      if (order >= 0) under = lower.next();
    }
  } finally {
    lower.return?.();
  }
}

function* inOrder(all: readonly number[], from: number, to: number, reverse: boolean): Generator<number> {
  for (let i = 0; i < to - from; i++) yield all[reverse ? to - 1 - i : from + i] as number;
}

/** Which of the two comes first: below 0 the pending one, above 0 the other; 0 where both have the same key. */
function orderOf(
  pending: PendingWrites,
  above: IteratorResult<number>,
  under: IteratorResult<Pair>,
  reverse: boolean,
): number {
  if (above.done) return 1;
  if (under.done) return -1;
  const order = pending.compare(above.value, under.value[0]);
  return reverse ? -order : order;
}
