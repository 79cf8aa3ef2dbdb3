import { assert, type Bundle, type BundleChain } from '@lattice/model';
import type { Dice } from './dice.js';
import type { Holding, HistoryEntry } from './history.js';

/** Those entries, in an order in which each comes after all that it names. */
export function causalOrder(entries: Holding, dice: Dice): HistoryEntry[] {
  const order: HistoryEntry[] = [];
  const waiting = new Set(entries);
  // Now and then one author's entries come in a row, as they do when history is forwarded.
  const inRows = dice.oneIn(3);
  while (waiting.size > 0) {
    const ready = [...waiting].filter(
      ({ prev, deps }) => !(prev && waiting.has(prev)) && !deps.some((dep) => waiting.has(dep)),
    );
    const last = order.at(-1);
    const next = (inRows ? ready.find(({ prev }) => prev === last) : undefined) ?? dice.pick(ready);
    order.push(next);
    waiting.delete(next);
  }
  return order;
}

/** Cuts an order into bundles of random size. */
export function bundlesOf(order: readonly HistoryEntry[], dice: Dice): Bundle[] {
  const bundles: Bundle[] = [];
  const sizeMax = dice.pick([1, 3, 8, 100]);
  for (let at = 0; at < order.length;) {
    const size = 1 + dice.below(sizeMax);
    bundles.push(bundleOf(order.slice(at, at + size), dice));
    at += size;
  }
  return bundles;
}

/**
 * The entries, in causal order, as one bundle. Where one goes on from another of the bundle it is of the same chain; with
 * `dice` it sometimes begins another one, which is allowed too.
 */
export function bundleOf(entries: readonly HistoryEntry[], dice?: Dice): Bundle {
  const lastOf: HistoryEntry[] = [];
  const firstOf: HistoryEntry[] = [];
  const chainOf = entries.map((entry) => {
    const continued = lastOf.findIndex((last) => last === entry.prev);
    const chain = continued === -1 || dice?.oneIn(8) ? firstOf.push(entry) - 1 : continued;
    lastOf[chain] = entry;
    return chain;
  });
  const chains = firstOf.map(({ entry }, chain): BundleChain => {
    const signature = lastOf[chain]?.signature;
    assert(signature, 'every chain has a last entry');
    return { author: entry.author, firstSeq: entry.seq, firstPrev: entry.prev, signature };
  });
  return {
    chains,
    chainOf,
    entries: entries.map(({ entry }) => entry),
    hashes: entries.map(({ hash }) => hash),
  };
}
