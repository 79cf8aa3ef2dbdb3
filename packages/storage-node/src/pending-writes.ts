import { compareBytes, equalBytes, Slab } from '@lattice/model';
import { randomBytes } from './system-ports.js';

/** What a key is to hold. */
export interface PendingWrite {
  readonly key: Uint8Array;
  readonly fingerprint: number;
  /** `null`: the key is removed. `undefined`: nothing was written after all, and what lies below shows. */
  value: Uint8Array | null | undefined;
}

/** Some of the pending writes in the order of their keys: `all[from]` up to and without `all[to]`. Stays as it is. */
export interface PendingRange {
  readonly all: readonly PendingWrite[];
  readonly from: number;
  readonly to: number;
}

const slotsMin = 64;
/** Room to begin with, at most, for as many as there were before. */
const slotsExpectedMax = 16_384;

/**
 * Writes to one table that wait to be written together, each key once. Found by hashing; brought into order when somebody
 * asks for it, which costs little where keys grow.
 */
export class PendingWrites {
  readonly #slab = new Slab();
  /** By fingerprint, the next free one being taken where two are alike: one more than the index of an item, or 0. */
  #slots: Int32Array;
  #items: PendingWrite[] = [];
  /** The first `#ordered.length` items, by key. */
  #ordered: PendingWrite[] = [];

  /** `expected`: how many writes it may get, so that it need not grow for them. */
  constructor(expected = 0) {
    let slots = slotsMin;
    while (slots < 2 * expected && slots < slotsExpectedMax) slots *= 2;
    this.#slots = new Int32Array(slots);
  }

  get size(): number {
    return this.#items.length;
  }

  /** In the order in which keys were first written. */
  [Symbol.iterator](): Iterator<PendingWrite> {
    return this.#items[Symbol.iterator]();
  }

  find(key: Uint8Array): PendingWrite | undefined {
    return this.#items.length === 0 ? undefined : this.#find(key, fingerprintOf(key));
  }

  #find(key: Uint8Array, fingerprint: number): PendingWrite | undefined {
    const mask = this.#slots.length - 1;
    for (let slot = fingerprint & mask; ; slot = (slot + 1) & mask) {
      const item = this.#items[(this.#slots[slot] as number) - 1];
      if (!item) return undefined;
      if (item.fingerprint === fingerprint && equalBytes(item.key, key)) return item;
    }
  }

  /** The one of that key, which is added where there is none: without a value then. */
  at(key: Uint8Array): PendingWrite {
    const fingerprint = fingerprintOf(key);
    const known = this.#find(key, fingerprint);
    if (known) return known;
    const item = { key: this.#slab.copy(key), fingerprint, value: undefined };
    this.#items.push(item);
    if (2 * this.#items.length > this.#slots.length) this.#grow();
    else this.#seat(item, this.#items.length);
    return item;
  }

  /** Bytes to keep as a value, apart from what they were copied from. */
  copy(bytes: Uint8Array): Uint8Array {
    return this.#slab.copy(bytes);
  }

  /** All with `gte <= key < lt`. */
  between(gte: Uint8Array | undefined, lt: Uint8Array | undefined): PendingRange {
    const all = this.#inOrder();
    return {
      all,
      from: gte ? firstNotBelow(all, gte) : 0,
      to: lt ? firstNotBelow(all, lt) : all.length,
    };
  }

  /** What was handed out before is not changed: it is added to behind its end, or another takes its place. */
  #inOrder(): readonly PendingWrite[] {
    const before = this.#ordered;
    if (before.length === this.#items.length) return before;
    const added = this.#items.slice(before.length).sort((a, b) => compareBytes(a.key, b.key));
    const [last, first] = [before.at(-1), added[0]];
    if (last && first && compareBytes(last.key, first.key) < 0) for (const item of added) before.push(item);
    else this.#ordered = merged(before, added);
    return this.#ordered;
  }

  #grow(): void {
    this.#slots = new Int32Array(2 * this.#slots.length);
    for (const [index, item] of this.#items.entries()) this.#seat(item, index + 1);
  }

  #seat(item: PendingWrite, number: number): void {
    const mask = this.#slots.length - 1;
    let slot = item.fingerprint & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = number;
  }
}

function merged(a: readonly PendingWrite[], b: readonly PendingWrite[]): PendingWrite[] {
  const all: PendingWrite[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    const [x, y] = [a[i], b[j]];
    if (x && (!y || compareBytes(x.key, y.key) < 0)) {
      all.push(x);
      i++;
    } else if (y) {
      all.push(y);
      j++;
    }
  }
  return all;
}

/** The index of the first whose key is not below that one. */
function firstNotBelow(items: readonly PendingWrite[], key: Uint8Array): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareBytes((items[middle] as PendingWrite).key, key) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Peers choose keys: none of them is to know which ones share a slot here. */
const seed = new DataView(randomBytes(4).buffer).getInt32(0);

/** FNV-1a over the bytes from a basis that nobody knows, its high bits folded into the low ones that choose a slot. */
function fingerprintOf(key: Uint8Array): number {
  let hash = seed;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ (key[i] as number), 0x0100_0193);
  return (hash ^ (hash >>> 15)) | 0;
}
