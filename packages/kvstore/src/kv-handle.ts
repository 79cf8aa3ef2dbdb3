import {
  type AppliedLog,
  assert,
  compareBytes,
  comparePlaces,
  concatBytes,
  type Dot,
  type EntryInfo,
  type LocalDot,
  type LocalRef,
  type StoreId,
} from '@lattice/model';
import { checkKey, checkValue } from './check.js';
import { type HeadsCheck, headsCheck } from './conditions.js';
import type {
  Kv,
  KvChanges,
  KvCondition,
  KvHead,
  KvItem,
  KvListOptions,
  KvWatchOptions,
  KvWrite,
} from './handle.js';
import { keyBehind } from './key-behind.js';
import { type LogBackend, valueInLog } from './log-value.js';
import { encodeKvOps } from './operations.js';
import { decodeRecord, keyOfRecord, recordKey, recordsEnd } from './record.js';
import { watchKv } from './watch.js';

/** What the handle needs of the store behind it. */
export interface KvBackend extends LogBackend {
  readonly id: StoreId;
  readonly applied: AppliedLog;
  info(ref: LocalRef): EntryInfo;
  write(operations: Uint8Array, options?: KvWriteOptions): Promise<Dot>;
}

export interface KvWriteOptions {
  /** How many operations it has. */
  readonly count: number;
  /** Is asked when the entry is sealed, and told of the operations that are in it already: why not, if not. */
  readonly check?: HeadsCheck;
}

/** How many records are read in one go: between pages, no read transaction is open. */
const pageRecords = 256;

/** The typed handle of a store of type "kv". */
export function kvHandle(backend: KvBackend): Kv {
  return new KvHandle(backend);
}

class KvHandle implements Kv {
  readonly #backend: KvBackend;

  constructor(backend: KvBackend) {
    this.#backend = backend;
  }

  get(key: Uint8Array): KvItem | undefined {
    checkKey(key);
    const stored = this.#backend.state.get(recordKey(key));
    return stored && itemOf(key, stored);
  }

  heads(key: Uint8Array): readonly KvHead[] {
    checkKey(key);
    const stored = this.#backend.state.get(recordKey(key));
    if (!stored) return [];
    const { winner, others, value } = decodeRecord(stored);
    const losers = others.map((dot) => this.#head(dot, valueInLog(this.#backend, dot)));
    return [this.#head(winner, value), ...losers.sort((a, b) => comparePlaces(b, a))];
  }

  *list(options: KvListOptions = {}): Iterable<KvItem> {
    let left = options.limit ?? Number.POSITIVE_INFINITY;
    for (const item of this.#items(options)) {
      if (left-- <= 0) return;
      yield item;
    }
  }

  put(key: Uint8Array, value: Uint8Array, condition: KvCondition = {}): Promise<Dot> {
    return this.#one({ ...condition, kind: 'put', key, value });
  }

  delete(key: Uint8Array, condition: KvCondition = {}): Promise<Dot> {
    return this.#one({ ...condition, kind: 'delete', key });
  }

  async batch(writes: readonly KvWrite[]): Promise<readonly Dot[]> {
    for (const write of writes) {
      checkKey(write.key);
      if (write.kind === 'put') checkValue(write.value);
    }
    if (writes.length === 0) return [];
    const check = headsCheck(this.#backend, writes);
    const options = { count: writes.length, ...(check && { check }) };
    const { entry, op } = await this.#backend.write(encodeKvOps(writes), options);
    return writes.map((_, i) => ({ entry, op: op + i }));
  }

  async #one(write: KvWrite): Promise<Dot> {
    const [dot] = await this.batch([write]);
    assert(dot, 'there is a head for each write');
    return dot;
  }

  watch(options: KvWatchOptions = {}): AsyncIterable<KvChanges> {
    return watchKv(this.#backend, options);
  }

  *#items({ prefix, gte, lt, reverse = false }: KvListOptions): Iterable<KvItem> {
    let from = recordKey(latest([gte, prefix]) ?? new Uint8Array(0));
    let to = earliest([lt && recordKey(lt), prefix && keyBehind(recordKey(prefix))]) ?? recordsEnd;
    while (compareBytes(from, to) < 0) {
      const page = [...this.#backend.state.range({ gte: from, lt: to, reverse, limit: pageRecords })];
      const last = page.at(-1);
      if (!last) return;
      for (const [key, stored] of page) {
        const item = itemOf(keyOfRecord(key), stored);
        if (item) yield item;
      }
      if (reverse) to = last[0];
      else from = concatBytes(last[0], Uint8Array.of(0));
    }
  }

  #head(dot: LocalDot, value: Uint8Array | undefined): KvHead {
    const { author, time, hash } = this.#backend.info(dot.ref);
    return { value, author, time, entry: hash, op: dot.op };
  }
}

function itemOf(key: Uint8Array, stored: Uint8Array): KvItem | undefined {
  const { value, others } = decodeRecord(stored);
  return value && { key, value, conflicted: others.length > 0 };
}

function latest(keys: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  return present(keys).sort(compareBytes).at(-1);
}

function earliest(keys: readonly (Uint8Array | undefined)[]): Uint8Array | undefined {
  return present(keys).sort(compareBytes)[0];
}

function present(keys: readonly (Uint8Array | undefined)[]): Uint8Array[] {
  return keys.filter((key) => key !== undefined);
}
