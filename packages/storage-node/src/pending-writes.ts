import { randomBytes } from './system-ports.js';

/** Some of the pending writes in the order of their keys: the numbers `all[from]` up to and without `all[to]`. Stays as it is. */
export interface PendingRange {
  readonly all: readonly number[];
  readonly from: number;
  readonly to: number;
}

/** What is known of a write, as so many numbers one after the other: where its key and its value lie. */
const fingerprintAt = 0;
const keyAt = 1;
const keyLengthAt = 2;
const valueAt = 3;
const valueLengthAt = 4;
const fieldsOfWrite = 5;

/** In place of a value's length. */
const removed = -1;
const nothing = -2;

const bytesMin = 1_024;
const writesMin = 32;
/** Room to begin with, at most, for as much as there was before. */
const bytesExpectedMax = 4 * 1024 * 1024;
const writesExpectedMax = 8_192;

/**
 * Writes to one table that wait to be written together, each key once and by a number. Found by hashing; brought into order
 * when somebody asks for it, which costs little where keys grow. All of it lies in a few buffers: objects that wait, thousands
 * of them, would be moved by the collector of young ones each time it runs.
 */
export class PendingWrites {
  /** Keys and values, one behind the other: added to, and never changed. */
  #bytes = new Uint8Array(0);
  #used = 0;
  #fields = new Int32Array(0);
  #size = 0;
  /** By fingerprint, the next free one being taken where two are alike: one more than the number of a write, or 0. */
  #slots = new Int32Array(0);
  /** The first writes, by key. */
  #ordered: number[] = [];
  /** Since the last commit, of each write before it was written: its number, where its value lay, and its length. */
  readonly #before: number[] = [];

  /** `expected`: who was as large as this one may get, so that it need not grow for that. */
  constructor(expected?: PendingWrites) {
    if (!expected) return;
    this.#bytes = new Uint8Array(Math.min(expected.#used, bytesExpectedMax));
    const writes = Math.min(expected.#size, writesExpectedMax);
    this.#fields = new Int32Array(fieldsOfWrite * writes);
    this.#slots = new Int32Array(slotsFor(writes));
  }

  /** Writes have the numbers below this, in the order in which their keys were first written. */
  get size(): number {
    return this.#size;
  }

  /** The number of the write of that key, or -1. */
  find(key: Uint8Array): number {
    return this.#size === 0 ? -1 : this.#find(key, fingerprintOf(key));
  }

  /** A view. */
  key(write: number): Uint8Array {
    return this.#view(write * fieldsOfWrite + keyAt);
  }

  /** A view; `null` where the key is removed, `undefined` where nothing was written after all, and what lies below shows. */
  value(write: number): Uint8Array | null | undefined {
    const at = write * fieldsOfWrite + valueAt;
    const length = this.#fields[at + 1] as number;
    if (length < 0) return length === removed ? null : undefined;
    return this.#view(at);
  }

  /** Has that key hold a copy of that value, or nothing. */
  write(key: Uint8Array, value: Uint8Array | null): void {
    const write = this.#at(key);
    const at = write * fieldsOfWrite + valueAt;
    this.#before.push(write, this.#fields[at] as number, this.#fields[at + 1] as number);
    this.#fields[at] = value ? this.#copy(value) : 0;
    this.#fields[at + 1] = value ? value.length : removed;
  }

  commit(): void {
    this.#before.length = 0;
  }

  /** Takes back all writes since the last commit. */
  rollBack(): void {
    for (let i = this.#before.length - 3; i >= 0; i -= 3) {
      const at = (this.#before[i] as number) * fieldsOfWrite + valueAt;
      this.#fields[at] = this.#before[i + 1] as number;
      this.#fields[at + 1] = this.#before[i + 2] as number;
    }
    this.commit();
  }

  /** All with `gte <= key < lt`. */
  between(gte: Uint8Array | undefined, lt: Uint8Array | undefined): PendingRange {
    const all = this.#inOrder();
    return {
      all,
      from: gte ? this.#firstNotBelow(all, gte) : 0,
      to: lt ? this.#firstNotBelow(all, lt) : all.length,
    };
  }

  /** Of the key of that write and another key: < 0, 0 or > 0, as which comes first. */
  compare(write: number, key: Uint8Array): number {
    return this.#compareTo(write, key, 0, key.length);
  }

  #find(key: Uint8Array, fingerprint: number): number {
    const mask = this.#slots.length - 1;
    for (let slot = fingerprint & mask; ; slot = (slot + 1) & mask) {
      const write = (this.#slots[slot] as number) - 1;
      if (write < 0) return -1;
      if (this.#fields[write * fieldsOfWrite + fingerprintAt] !== fingerprint) continue;
      if (this.compare(write, key) === 0) return write;
    }
  }

  #compareWrites(a: number, b: number): number {
    const at = b * fieldsOfWrite;
    const [from, length] = [this.#fields[at + keyAt] as number, this.#fields[at + keyLengthAt] as number];
    return this.#compareTo(a, this.#bytes, from, length);
  }

  #compareTo(write: number, bytes: Uint8Array, start: number, bytesLength: number): number {
    const at = write * fieldsOfWrite;
    const [from, length] = [this.#fields[at + keyAt] as number, this.#fields[at + keyLengthAt] as number];
    const common = Math.min(length, bytesLength);
    for (let i = 0; i < common; i++) {
      const difference = (this.#bytes[from + i] as number) - (bytes[start + i] as number);
      if (difference !== 0) return difference;
    }
    return length - bytesLength;
  }

  /** The number of the write of that key, which is added where there is none: without a value then. */
  #at(key: Uint8Array): number {
    const fingerprint = fingerprintOf(key);
    const known = this.#size === 0 ? -1 : this.#find(key, fingerprint);
    if (known >= 0) return known;
    const write = this.#size;
    const at = write * fieldsOfWrite;
    if (at === this.#fields.length) this.#growFields();
    this.#fields[at + fingerprintAt] = fingerprint;
    this.#fields[at + keyAt] = this.#copy(key);
    this.#fields[at + keyLengthAt] = key.length;
    this.#fields[at + valueLengthAt] = nothing;
    this.#size++;
    if (2 * this.#size > this.#slots.length) this.#growSlots();
    else this.#seat(write);
    return write;
  }

  /** Where a copy of these is now. */
  #copy(bytes: Uint8Array): number {
    const at = this.#used;
    const end = at + bytes.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(2 * this.#bytes.length, end, bytesMin));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#bytes.set(bytes, at);
    this.#used = end;
    return at;
  }

  /** What two fields, of which that is the first, say where it lies. */
  #view(at: number): Uint8Array {
    const from = this.#fields[at] as number;
    return this.#bytes.subarray(from, from + (this.#fields[at + 1] as number));
  }

  /** What was handed out before is not changed: it is added to behind its end, or another takes its place. */
  #inOrder(): readonly number[] {
    const before = this.#ordered;
    if (before.length === this.#size) return before;
    const added = Array.from({ length: this.#size - before.length }, (_, i) => before.length + i);
    added.sort((a, b) => this.#compareWrites(a, b));
    const [last, first] = [before.at(-1), added[0]];
    if (last !== undefined && first !== undefined && this.#compareWrites(last, first) < 0)
      for (const write of added) before.push(write);
    else this.#ordered = this.#merged(before, added);
    return this.#ordered;
  }

  #merged(a: readonly number[], b: readonly number[]): number[] {
    const all: number[] = [];
    let [i, j] = [0, 0];
    while (i < a.length || j < b.length) {
      const [x, y] = [a[i], b[j]];
      if (x !== undefined && (y === undefined || this.#compareWrites(x, y) < 0)) {
        all.push(x);
        i++;
      } else if (y !== undefined) {
        all.push(y);
        j++;
      }
    }
    return all;
  }

  /** The index of the first whose key is not below that one. */
  #firstNotBelow(writes: readonly number[], key: Uint8Array): number {
    let [low, high] = [0, writes.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.compare(writes[middle] as number, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #growFields(): void {
    const grown = new Int32Array(Math.max(2 * this.#fields.length, fieldsOfWrite * writesMin));
    grown.set(this.#fields);
    this.#fields = grown;
  }

  #growSlots(): void {
    this.#slots = new Int32Array(slotsFor(2 * this.#size));
    for (let write = 0; write < this.#size; write++) this.#seat(write);
  }

  #seat(write: number): void {
    const mask = this.#slots.length - 1;
    let slot = (this.#fields[write * fieldsOfWrite + fingerprintAt] as number) & mask;
    while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
    this.#slots[slot] = write + 1;
  }
}

/** A power of two, so that at most half of them are taken. */
function slotsFor(writes: number): number {
  let slots = 2 * writesMin;
  while (slots < 2 * writes) slots *= 2;
  return slots;
}

/** Peers choose keys: none of them is to know which ones share a slot here. */
const seed = new DataView(randomBytes(4).buffer).getInt32(0);

/** FNV-1a over the bytes from a basis that nobody knows, its high bits folded into the low ones that choose a slot. */
function fingerprintOf(key: Uint8Array): number {
  let hash = seed;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ (key[i] as number), 0x0100_0193);
  return (hash ^ (hash >>> 15)) | 0;
}
