import { assert, compareBytes, type RangeOptions } from '@lattice/model';
import { assertKvKey, assertKvRange, type Table } from '@lattice/storage';
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

type Pair = readonly [key: Uint8Array, value: Uint8Array];

/** A table that has what is pending before what was written. */
export class WriteBehindTable implements Table {
  readonly #pending = new PendingWrites();
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

  *range(options: RangeOptions = {}): Iterable<Pair> {
    assertKvRange(options);
    this.#assertUsable();
    if (this.#pending.size === 0) yield* this.#below.range(options);
    else yield* this.#merged(options);
  }

  /** Writes all that is pending to the table below, in the order of its keys; inside a transaction of that. */
  writeThrough(): void {
    const { all } = this.#pending.between(undefined, undefined);
    for (const { key, value } of all) {
      if (value) this.#below.put(key, value);
      else if (value === null) this.#below.remove(key);
    }
  }

  forgetPending(): void {
    this.#pending.clear();
  }

  /** From here on it is of no use. */
  drop(): void {
    this.#isDropped = true;
    this.#pending.clear();
  }

  #write(key: Uint8Array, value: Uint8Array | null): void {
    assertKvKey(key);
    this.#assertUsable();
    assert(this.#gate.isWriting, 'writes happen in a transaction');
    const write = this.#pending.at(key);
    this.#gate.note(write, key.length + (value?.length ?? 0));
    write.value = value;
  }

  *#merged({ limit = Infinity, ...options }: RangeOptions): Generator<Pair> {
    const upper = this.#pendingPairs(options);
    const lower = this.#below.range(options)[Symbol.iterator]();
    try {
      let [above, below] = [upper.next(), lower.next()];
      for (let left = limit; left > 0 && !(above.done && below.done);) {
        const order = orderOf(above, below, options.reverse === true);
        const value = order <= 0 ? (above.value as PendingWrite).value : undefined;
        if (value) {
          yield [new Uint8Array((above.value as PendingWrite).key), new Uint8Array(value)];
          left--;
        } else if (order >= 0 && value === undefined) {
          yield below.value as Pair;
          left--;
        }
        if (order <= 0) above = upper.next();
        if (order >= 0) below = lower.next();
      }
    } finally {
      lower.return?.();
    }
  }

  *#pendingPairs({ gte, lt, reverse = false }: RangeOptions): Generator<PendingWrite> {
    const { all, from, to } = this.#pending.between(gte, lt);
    for (let i = 0; i < to - from; i++) yield all[reverse ? to - 1 - i : from + i] as PendingWrite;
  }

  #assertUsable(): void {
    assert(this.#gate.isOpen, 'the key-value store is open');
    assert(!this.#isDropped, 'the table was not dropped');
  }
}

/** Which of the two comes first: below 0 the pending one, above 0 the other; 0 where both have the same key. */
function orderOf(above: IteratorResult<PendingWrite>, below: IteratorResult<Pair>, reverse: boolean): number {
  if (above.done) return 1;
  if (below.done) return -1;
  const order = compareBytes(above.value.key, below.value[0]);
  return reverse ? -order : order;
}
