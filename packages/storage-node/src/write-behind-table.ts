import { assert, type RangeOptions, type StateView } from '@lattice/model';
import { assertKvKey, assertKvRange, type Table } from '@lattice/storage';
import { mergedRange } from './merged-range.js';
import { type PendingWrite, PendingWrites } from './pending-writes.js';

/** What all tables of a store share. */
export class WriteBehindGate {
  isOpen = true;
  isWriting = false;
  /** What is pending, over all tables. */
  writes = 0;
  bytes = 0;
  readonly #changed: PendingWrite[] = [];
  readonly #before: PendingWrite['value'][] = [];

  /** Takes note of a write within a transaction; to be called before the value is changed. */
  note(write: PendingWrite, bytes: number): void {
    this.#changed.push(write);
    this.#before.push(write.value);
    this.writes++;
    this.bytes += bytes;
  }

  commit(): void {
    this.#changed.length = 0;
    this.#before.length = 0;
  }

  /** Takes back all writes since the last commit. */
  rollBack(): void {
    for (let write = this.#changed.pop(); write; write = this.#changed.pop())
      write.value = this.#before.pop();
  }
}

/** A table that has what is pending before what was written. */
export class WriteBehindTable implements Table {
  #pending = new PendingWrites();
  readonly #below: Table;
  readonly #gate: WriteBehindGate;
  #isDropped = false;

  constructor(below: Table, gate: WriteBehindGate) {
    this.#below = below;
    this.#gate = gate;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#pending.size > 0) {
      this.#assertUsable();
      const value = this.#pending.find(key)?.value;
      if (value) return new Uint8Array(value);
      if (value === null) return undefined;
    }
    return this.#below.get(key);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#write(key, this.#pending.copy(value));
  }

  remove(key: Uint8Array): void {
    this.#write(key, null);
  }

  *range(options: RangeOptions = {}): ReturnType<StateView['range']> {
    assertKvRange(options);
    this.#assertUsable();
    if (this.#pending.size === 0) yield* this.#below.range(options);
    else yield* mergedRange(this.#pending, this.#below, options);
  }

  /** Writes all that is pending to the table below, in the order of its keys; inside a transaction of that. */
  writeThrough(): void {
    const { all } = this.#pending.between(undefined, undefined);
    for (const { key, value } of all) {
      if (value) this.#below.put(key, value);
      else if (value === null) this.#below.remove(key);
    }
  }

  /** What is pending now: stays as it is for as long as no transaction is let in, and once it is forgotten here. */
  get pending(): PendingWrites {
    return this.#pending;
  }

  forgetPending(): void {
    if (this.#pending.size > 0) this.#pending = new PendingWrites();
  }

  /** From here on it is of no use. */
  drop(): void {
    this.#isDropped = true;
    this.forgetPending();
  }

  #write(key: Uint8Array, value: Uint8Array | null): void {
    assertKvKey(key);
    this.#assertUsable();
    assert(this.#gate.isWriting, 'writes happen in a transaction');
    const write = this.#pending.at(key);
    this.#gate.note(write, key.length + (value?.length ?? 0));
    write.value = value;
  }

  #assertUsable(): void {
    assert(this.#gate.isOpen, 'the key-value store is open');
    assert(!this.#isDropped, 'the table was not dropped');
  }
}
