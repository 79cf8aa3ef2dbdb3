import {
  compareBytes,
  comparePlaces,
  concatBytes,
  type EntryInfo,
  type LocalDot,
  type LocalRef,
} from '@lattice/model';
import { checkKey } from './check.js';
import type { KvHead, KvItem, KvListOptions, KvReads } from './handle.js';
import { keyBehind } from './key-behind.js';
import { type LogBackend, valueInLog } from './log-value.js';
import { decodeRecord, keyOfRecord, recordKey, recordsEnd } from './record.js';

/** What reading needs of the store behind it, or of a snapshot of it. */
export interface KvReadBackend extends LogBackend {
  info(ref: LocalRef): EntryInfo;
}

/** How many records are read in one go: between pages, no read transaction is open. */
const pageRecords = 256;

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
