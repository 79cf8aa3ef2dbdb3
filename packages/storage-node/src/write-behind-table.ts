import { assert, type RangeOptions, type StateView } from '@lattice/model';
import { assertKvKey, assertKvRange, type Table } from '@lattice/storage';
import { layeredRange, layeredValue } from './layers.js';
import { type PendingWrite, PendingWrites } from './pending-writes.js';

/** What all tables of a store share. */
export class WriteBehindGate {
  isOpen = true;
  isWriting = false;
  /** What is pending and not set aside, over all tables. */
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

  /** What was pending is set aside, or gone. */
  forget(): void {
    this.writes = 0;
    this.bytes = 0;
  }
}

/** A table that has what is pending before what was written. */
export class WriteBehindTable implements Table {
  #pending = new PendingWrites();
  /** What is on its way below, the latest first: it does not change any more. */
  #aside: readonly PendingWrites[] = [];
  readonly #below: Table;
  readonly #gate: WriteBehindGate;
  #isDropped = false;

  constructor(below: Table, gate: WriteBehindGate) {
    this.#below = below;
    this.#gate = gate;
  }

  get(key: Uint8Array): Uint8Array | undefined {
    if (this.#pending.size > 0 || this.#aside.length > 0) {
      this.#assertUsable();
      const pending = this.#pending.find(key)?.value;
      const value = pending === undefined ? layeredValue(this.#aside, key) : pending;
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
    const layers = this.#pending.size > 0 ? [this.#pending, ...this.#aside] : this.#aside;
    yield* layeredRange(layers, this.#below, options);
  }

  /** What is on its way below, the latest first: no list that was handed out changes, nor what is in it. */
  get aside(): readonly PendingWrites[] {
    return this.#aside;
  }

  /** What is written from now on is gathered apart from what was until now. */
  setAside(): void {
    if (this.#pending.size === 0) return;
    this.#aside = [this.#pending, ...this.#aside];
    this.#pending = new PendingWrites(this.#pending.size);
  }

  /** Writes all that was set aside to the table below; inside a transaction of that. */
  writeAside(): void {
    for (const layer of this.#aside.toReversed()) {
      for (const { key, value } of layer) {
        if (value) this.#below.put(key, value);
        else if (value === null) this.#below.remove(key);
      }
    }
  }

  /** So many layers, the oldest ones, are below now. */
  forgetAside(layers: number): void {
    if (layers > 0) this.#aside = this.#aside.slice(0, -layers);
  }

  /** From here on it is of no use. */
  drop(): void {
    this.#isDropped = true;
    this.#aside = [];
    this.#pending = new PendingWrites();
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
