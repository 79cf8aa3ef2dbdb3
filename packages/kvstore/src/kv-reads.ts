import {
  compareBytes,
  comparePlaces,
  concatBytes,
  type EntryInfo,
  LatticeError,
  type LocalDot,
  type LocalRef,
  type RangeOptions,
} from '@lattice/model';
import { checkKey } from './check.js';
import type { KvHead, KvItem, KvListOptions, KvReads } from './handle.js';
import { keyBehind } from './key-behind.js';
import { type LogBackend, valueInLog, winnersValue } from './log-value.js';
import { decodeRecord, keyOfRecord, plainValue, recordKey, recordsEnd } from './record.js';

/** What reading needs of the store behind it, or of a snapshot of it. */
export interface KvReadBackend extends LogBackend {
  info(ref: LocalRef): EntryInfo;
}

/** How many records are read in one go: between pages, no read transaction is open. */
const pageRecords = 256;
/** A page ends where its values are so long. */
const pageBytesMax = 1024 * 1024;

const noValue = new Uint8Array(0);

/** What a store of type "kv" holds, or held. */
export function kvReads(backend: KvReadBackend): KvReads {
  return new KvReader(backend);
}

class KvReader implements KvReads {
  readonly #backend: KvReadBackend;

  constructor(backend: KvReadBackend) {
    this.#backend = backend;
  }

  get(key: Uint8Array): KvItem | undefined {
    checkKey(key);
    const stored = this.#backend.state.get(recordKey(key));
    return stored && itemOf(this.#backend, key, stored);
  }

  heads(key: Uint8Array): readonly KvHead[] {
    checkKey(key);
    const stored = this.#backend.state.get(recordKey(key));
    if (!stored) return [];
    const record = decodeRecord(stored);
    const losers = record.others.map((dot) => this.#head(dot, valueInLog(this.#backend, dot, key)));
    const winner = this.#head(record.winner, winnersValue(this.#backend, record, key));
    return [winner, ...losers.sort((a, b) => comparePlaces(b, a))];
  }

  *list({ limit = Number.POSITIVE_INFINITY, ...options }: KvListOptions = {}): Iterable<KvItem> {
    const { reverse = false } = options;
    let range = recordsWithin(options);
    let left = limit;
    while (left > 0 && compareBytes(range.gte, range.lt) < 0) {
      const { items, last } = this.#page({ ...range, reverse, limit: Math.min(left, pageRecords) }, options);
      yield* items;
      if (!last) return;
      left -= items.length;
      range = reverse ? { ...range, lt: last } : { ...range, gte: concatBytes(last, Uint8Array.of(0)) };
    }
  }

  /**
   * Items read in one go, with the values that are in the log, since what a record refers to may be another thing as soon as
   * others run. `last`: the key behind which it goes on, if it does.
   */
  #page(
    range: Required<RangeOptions>,
    { keysOnly = false, markUnreadable = false }: Pick<KvListOptions, 'keysOnly' | 'markUnreadable'>,
  ): Page {
    const items: KvItem[] = [];
    let last: Uint8Array | undefined;
    let records = 0;
    let bytes = 0;
    for (const [stateKey, stored] of this.#backend.state.range(range)) {
      const key = keyOfRecord(stateKey);
      let item;
      try {
        item = keysOnly ? itemWithoutValue(key, stored) : itemOf(this.#backend, key, stored);
      } catch (error) {
        if (markUnreadable && error instanceof LatticeError && error.code === 'log-damaged')
          item = { key, value: noValue, conflicted: false, unreadable: true as const };
        // What is before it is given out first.
        else if (items.length > 0) return { items, last };
        else throw error;
      }
      records++;
      last = stateKey;
      if (!item) continue;
      items.push(item);
      bytes += item.value.length;
      if (bytes >= pageBytesMax) return { items, last };
    }
    return { items, last: records < range.limit ? undefined : last };
  }

  #head(dot: LocalDot, value: Uint8Array | undefined): KvHead {
    const { author, time, hash } = this.#backend.info(dot.ref);
    return { value, author, time, entry: hash, op: dot.op };
  }
}

interface Page {
  readonly items: readonly KvItem[];
  readonly last: Uint8Array | undefined;
}

function recordsWithin({ prefix, gte, lt }: KvListOptions): {
  readonly gte: Uint8Array;
  readonly lt: Uint8Array;
} {
  return {
    gte: recordKey(latest([gte, prefix]) ?? new Uint8Array(0)),
    lt: earliest([lt && recordKey(lt), prefix && keyBehind(recordKey(prefix))]) ?? recordsEnd,
  };
}

function itemOf(backend: LogBackend, key: Uint8Array, stored: Uint8Array): KvItem | undefined {
  const plain = plainValue(stored);
  if (plain) return { key, value: plain, conflicted: false };
  const record = decodeRecord(stored);
  const value = winnersValue(backend, record, key);
  return value && { key, value, conflicted: record.others.length > 0 };
}

function itemWithoutValue(key: Uint8Array, stored: Uint8Array): KvItem | undefined {
  const { value, others } = decodeRecord(stored);
  return value === undefined ? undefined : { key, value: noValue, conflicted: others.length > 0 };
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
