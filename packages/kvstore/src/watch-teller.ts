import { compareBytes, concatBytes, equalBytes, keyBytesMax, toHex } from '@lattice/model';
import { behindListing, type FollowPosition, type Listing, type Page, type Teller } from '@lattice/proto';
import type { KvChange } from './handle.js';
import { keyBehind } from './key-behind.js';
import type { KvBackend } from './kv-handle.js';
import { winnersValue } from './log-value.js';
import type { KvOp } from './operations.js';
import { decodeRecord, keyOfRecord, recordKey, recordsEnd } from './record.js';

/** Tells the keys of a page, each of them once and as it is now. */
export class WatchTeller implements Teller<KvOp> {
  readonly #backend: KvBackend;
  readonly #prefix: Uint8Array;
  readonly #page: Page<KvChange>;
  readonly #told = new Set<string>();

  constructor(backend: KvBackend, prefix: Uint8Array, page: Page<KvChange>) {
    this.#backend = backend;
    this.#prefix = prefix;
    this.#page = page;
  }

  tell({ key }: KvOp): void {
    if (!equalBytes(key.subarray(0, this.#prefix.length), this.#prefix)) return;
    const name = toHex(key);
    if (this.#told.has(name)) return;
    this.#told.add(name);
    const stored = this.#backend.state.get(recordKey(key));
    // The key may be a part of what the log remembers, hence a copy.
    if (stored) this.#add(key.slice(), stored);
  }

  /** Present keys in their order. */
  listOn(from: Listing): FollowPosition {
    if (this.#prefix.length > keyBytesMax) return behindListing(from);
    const first = recordKey(this.#prefix);
    const next = concatBytes(recordKey(from.after), Uint8Array.of(0));
    const gte = from.after.length > 0 && compareBytes(next, first) > 0 ? next : first;
    const lt = keyBehind(first) ?? recordsEnd;
    let { after } = from;
    for (const [key, stored] of compareBytes(gte, lt) < 0 ? this.#backend.state.range({ gte, lt }) : []) {
      if (this.#page.isFull) return { ...from, after };
      after = keyOfRecord(key);
      this.#page.steps++;
      if (decodeRecord(stored).value !== undefined) this.#add(after, stored);
    }
    return behindListing(from);
  }

  #add(key: Uint8Array, stored: Uint8Array): void {
    const record = decodeRecord(stored);
    const { winner, others } = record;
    const value = winnersValue(this.#backend, record, key);
    const { author, time } = this.#backend.info(winner.ref);
    this.#page.add(
      { key, value, conflicted: others.length > 0, author, time },
      key.length + (value?.length ?? 0),
    );
  }
}
