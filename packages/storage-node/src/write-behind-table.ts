import { assert, type RangeOptions, type StateView } from '@lattice/model';
import { assertKvKey, assertKvRange, type Table } from '@lattice/storage';
import { layeredRange, layeredValue, valueIn } from './layers.js';
import { PendingWrites } from './pending-writes.js';

/** What all tables of a store share. */
export class WriteBehindGate {
  isOpen = true;
  isWriting = false;
  /** What is pending and not set aside, over all tables. */
  writes = 0;
  bytes = 0;
  /** What the transaction under way wrote to. */
  readonly #changed = new Set<PendingWrites>();

  /** Takes note of a write within a transaction. */
  note(pending: PendingWrites, bytes: number): void {
    this.#changed.add(pending);
    this.writes++;
    this.bytes += bytes;
  }

  commit(): void {
    for (const pending of this.#changed) pending.commit();
    this.#changed.clear();
  }

  /** Takes back all writes since the last commit. */
  rollBack(): void {
    for (const pending of this.#changed) pending.rollBack();
    this.#changed.clear();
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
      const pending = valueIn(this.#pending, key);
      const value = pending === undefined ? layeredValue(this.#aside, key) : pending;
      if (value) return value.slice();
      if (value === null) return undefined;
    }
    return this.#below.get(key);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    this.#write(key, value);
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
    this.#pending = new PendingWrites(this.#pending);
  }

  /** Writes all that was set aside to the table below; inside a transaction of that. */
  writeAside(): void {
    for (const layer of this.#aside.toReversed()) {
      for (let write = 0; write < layer.size; write++) {
        const value = layer.value(write);
        if (value) this.#below.put(layer.key(write), value);
        else if (value === null) this.#below.remove(layer.key(write));
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
    this.#pending.write(key, value);
    this.#gate.note(this.#pending, key.length + (value?.length ?? 0));
  }

  #assertUsable(): void {
    assert(this.#gate.isOpen, 'the key-value store is open');
    assert(!this.#isDropped, 'the table was not dropped');
  }
}
