import type { Bound } from './bound.js';
import { NegentropyError } from './errors.js';
import { fingerprintOf, sumDigits } from './fingerprint.js';
import { idBytes, infinity, type Item } from './item.js';
import { finish, itemsPerStep } from './finish.js';

/**
 * The items of one side, sorted by timestamp and id. Takes 72 bytes an item; with the sums of all ids up to each item at
 * hand, the fingerprint of a range costs the same whatever its length.
 */
export class ItemSet {
  readonly #timestamps: BigUint64Array;
  readonly #ids: Uint8Array;
  readonly #sums: Uint32Array;

  /** In any order. Throws `invalid-item`. */
  static of(items: Iterable<Item>): ItemSet {
    return finish(ItemSet.ofSorted([...items].map(checked).sort(compareItems)));
  }

  /** Of items that are sorted already, in steps, for whoever must not take long at a time. Throws `invalid-item`. */
  static *ofSorted(sorted: readonly Item[]): Generator<void, ItemSet> {
    const set = new ItemSet(sorted.length);
    for (const [i, item] of sorted.entries()) {
      set.#put(i, checked(item));
      if (i % itemsPerStep === 0) yield;
    }
    return set;
  }

  private constructor(size: number) {
    this.#timestamps = new BigUint64Array(size);
    this.#ids = new Uint8Array(size * idBytes);
    this.#sums = new Uint32Array((size + 1) * sumDigits);
  }

  get size(): number {
    return this.#timestamps.length;
  }

  timestamp(index: number): bigint {
    return this.#timestamps[index] ?? infinity;
  }

  /** A view. */
  id(index: number): Uint8Array {
    return this.#ids.subarray(index * idBytes, (index + 1) * idBytes);
  }

  /** Of the items from `from` on, the index of the first that does not lie before the bound; the size where all do. */
  lowerBound(from: number, bound: Bound): number {
    let [low, high] = [from, this.size];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#isBefore(middle, bound)) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Of the items with `from <= index < to`. */
  fingerprint(from: number, to: number): Uint8Array {
    const sum = new Uint32Array(sumDigits);
    let borrow = 0;
    for (let digit = 0; digit < sumDigits; digit++) {
      const difference = this.#sum(to, digit) - this.#sum(from, digit) - borrow;
      sum[digit] = difference;
      borrow = difference < 0 ? 1 : 0;
    }
    return fingerprintOf(sum, to - from);
  }

  #put(index: number, { timestamp, id }: Item): void {
    if (index > 0) {
      const order = compareItems(
        { timestamp, id },
        { timestamp: this.timestamp(index - 1), id: this.id(index - 1) },
      );
      if (order === 0) throw new NegentropyError('invalid-item', 'the same item is given twice');
      if (order < 0) throw new NegentropyError('invalid-item', 'items are not sorted by timestamp and id');
    }
    this.#timestamps[index] = timestamp;
    this.#ids.set(id, index * idBytes);
    this.#addUp(index);
  }

  #addUp(index: number): void {
    const id = new DataView(this.#ids.buffer, index * idBytes, idBytes);
    let carry = 0;
    for (let digit = 0; digit < sumDigits; digit++) {
      const sum = this.#sum(index, digit) + id.getUint32(4 * digit, true) + carry;
      this.#sums[(index + 1) * sumDigits + digit] = sum;
      carry = sum > 0xffffffff ? 1 : 0;
    }
  }

  #sum(count: number, digit: number): number {
    return this.#sums[count * sumDigits + digit] ?? 0;
  }

  #isBefore(index: number, { timestamp, prefix }: Bound): boolean {
    const own = this.timestamp(index);
    if (own !== timestamp) return own < timestamp;
    // What a prefix leaves out are zeros, and no id lies before those.
    return compareBytes(this.id(index).subarray(0, prefix.length), prefix) < 0;
  }
}

function checked({ timestamp, id }: Item): Item {
  if (id.length !== idBytes)
    throw new NegentropyError('invalid-item', `an id has 32 bytes, this one ${id.length}`);
  if (timestamp < 0n || timestamp >= infinity)
    throw new NegentropyError('invalid-item', `a timestamp is 0 to 2^64 - 2, this one ${timestamp}`);
  return { timestamp, id };
}

/** The order of items. Of two ids of 32 bytes each. */
export function compareItems(a: Item, b: Item): number {
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return compareBytes(a.id, b.id);
}

/** Of two arrays of one length. */
function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
