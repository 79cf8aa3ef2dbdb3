import { compareBytes, type RangeOptions } from '@lattice/model';
import sortedBTree from 'sorted-btree';
import { assertKvKey, assertKvRange } from './kv-rules.js';

const BTree = sortedBTree.default;

/** A table in memory. Its `clone` shares its nodes until one of the two is changed, so it costs next to nothing. */
export type Tree = InstanceType<typeof BTree<Uint8Array, Uint8Array>>;
export type Pair = readonly [key: Uint8Array, value: Uint8Array];

export function newTree(): Tree {
  return new BTree<Uint8Array, Uint8Array>(undefined, compareBytes);
}

export function valueIn(tree: Tree, key: Uint8Array): Uint8Array | undefined {
  assertKvKey(key);
  return tree.get(key)?.slice();
}

/** Copies of what lies in a range; the tree is asked for anew for each pair. */
export function* rangeIn(tree: () => Tree, options: RangeOptions = {}): Generator<Pair> {
  assertKvRange(options);
  let left = options.limit ?? Infinity;
  let pair = first(tree(), options);
  while (pair !== undefined && left-- > 0 && within(pair[0], options)) {
    const key = pair[0];
    yield [key.slice(), pair[1].slice()];
    pair = options.reverse ? tree().nextLowerPair(key) : tree().nextHigherPair(key);
  }
}

function first(tree: Tree, { gte, lt, reverse }: RangeOptions): [Uint8Array, Uint8Array] | undefined {
  if (reverse) return tree.nextLowerPair(lt);
  return gte === undefined ? tree.nextHigherPair(undefined) : tree.getPairOrNextHigher(gte);
}

function within(key: Uint8Array, { gte, lt, reverse }: RangeOptions): boolean {
  return reverse
    ? gte === undefined || compareBytes(key, gte) >= 0
    : lt === undefined || compareBytes(key, lt) < 0;
}
