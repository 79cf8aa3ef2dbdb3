import { assert, type Bundle, type BundleChain } from '@lattice/model';

/**
 * A bundle with only the entries at the given indexes (ascending). Of each chain that remains, these must be its last ones
 * in the bundle, so that its signature still is over its last entry.
 */
export function subBundle(bundle: Bundle, indexes: readonly number[]): Bundle {
  if (indexes.length === bundle.entries.length) return bundle;
  const chains: BundleChain[] = [];
  const numberOf = new Map<number, number>();
  const chainOf = indexes.map((index) => {
    const before = bundle.chainOf[index];
    assert(before !== undefined, 'the indexes are of this bundle');
    const known = numberOf.get(before);
    if (known !== undefined) return known;
    numberOf.set(before, chains.length);
    chains.push(chainFrom(bundle, index, before));
    return chains.length - 1;
  });
  return {
    chains,
    chainOf,
    entries: indexes.map((index) => at(bundle.entries, index)),
    hashes: indexes.map((index) => at(bundle.hashes, index)),
  };
}

function chainFrom(bundle: Bundle, index: number, chain: number): BundleChain {
  const { author, signature } = at(bundle.chains, chain);
  const first = at(bundle.entries, index);
  return { author, firstSeq: first.seq, firstPrev: first.prev, signature };
}

function at<T>(items: readonly T[], index: number): T {
  const item = items[index];
  assert(item !== undefined, "a bundle's arrays are in step");
  return item;
}
