import { equalBytes, type Slice, toHex } from '@lattice/model';
import type { KvChange } from './handle.js';
import type { KvBackend } from './kv-handle.js';
import { decodeRecord, recordKey } from './record.js';

const changesMax = 256;
/** Of keys and values; a page ends with the change that passes this. */
const bytesMax = 256 * 1024;
/** What is looked at in any case, however little time there is: pages of one change each would help nobody. */
const stepsMin = 4;

/** What is told to a watcher in one go, as it is gathered: bounded in changes, bytes and time. */
export class WatchPage {
  readonly changes: KvChange[] = [];
  readonly prefix: Uint8Array;
  /** How much was looked at for it: never nothing once it is full, so that every page is a step ahead. */
  steps = 0;
  readonly #backend: KvBackend;
  readonly #slice: Slice;
  readonly #told = new Set<string>();
  #bytes = 0;

  constructor(backend: KvBackend, prefix: Uint8Array, slice: Slice) {
    this.#backend = backend;
    this.prefix = prefix;
    this.#slice = slice;
  }

  get isFull(): boolean {
    if (this.changes.length >= changesMax || this.#bytes >= bytesMax) return true;
    return this.steps >= stepsMin && this.#slice.isOver;
  }

  /** Tells a key that was written, as it is now, unless this page has it already. */
  tell(key: Uint8Array): void {
    this.steps++;
    if (!equalBytes(key.subarray(0, this.prefix.length), this.prefix)) return;
    const name = toHex(key);
    if (this.#told.has(name)) return;
    this.#told.add(name);
    const stored = this.#backend.state.get(recordKey(key));
    // The key may be a part of what the log remembers, hence a copy.
    if (stored) this.#add(key.slice(), stored);
  }

  /** Tells a key that is there, of which this is the record. */
  tellPresent(key: Uint8Array, stored: Uint8Array): void {
    this.steps++;
    if (decodeRecord(stored).value !== undefined) this.#add(key, stored);
  }

  #add(key: Uint8Array, stored: Uint8Array): void {
    const { winner, others, value } = decodeRecord(stored);
    const { author, time } = this.#backend.info(winner.ref);
    this.changes.push({ key, value, conflicted: others.length > 0, author, time });
    this.#bytes += key.length + (value?.length ?? 0);
  }
}
