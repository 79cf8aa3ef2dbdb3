import {
  allAtOnce,
  assert,
  type Bundle,
  type Entry,
  equalBytes,
  LatticeError,
  type LocalRef,
  type Steps,
} from '@lattice/model';
import { decodeBundleInSteps, MalformedError, payloadInBundle } from '@lattice/proto';
import { type Log, type LogItem, recordBytesMax } from '@lattice/storage';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';
import { hashEntry } from './hashing.js';

export type LogRecord = Extract<LogItem, { readonly kind: 'record' }>;

/** How many decoded bundles are remembered for reads of single entries. */
const remembered = 8;

/** Room for what a log has around a record. */
const frameBytesMax = 64;

/** Reads bundles and entries back from the store's log. */
export class LogReader {
  readonly #log: Log;
  readonly #onDamaged: (offset: number) => void;
  readonly #decode: (item: LogRecord) => Steps<Bundle | undefined>;
  readonly #recent = new Map<number, Bundle>();
  /** The record whose payloads were last asked for, and memory for one: making that anew takes longer than reading. */
  #looked: { readonly offset: number; readonly record: Uint8Array } | undefined;
  #memory: Uint8Array | undefined;

  /**
   * `onDamaged`: called where no intact record lies at an offset that was asked for. `decode`: of what is scanned, for whoever
   * does not trust it; `undefined` where it is no better than damage.
   */
  constructor(
    log: Log,
    onDamaged: (offset: number) => void = () => undefined,
    decode: (item: LogRecord) => Steps<Bundle | undefined> = ({ record }) => decodingSound(record),
  ) {
    this.#log = log;
    this.#onDamaged = onDamaged;
    this.#decode = decode;
  }

  /** Where the log ends now. */
  get end(): number {
    return this.#log.end;
  }

  /** The bundle that lies there. Throws `log-damaged`. */
  bundle(offset: number): Bundle {
    const known = this.#recent.get(offset);
    if (known) return known;
    const bundle = decodeRecord(this.#read(offset));
    this.#recent.set(offset, bundle);
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= remembered) break;
      this.#recent.delete(oldest);
    }
    return bundle;
  }

  /** The bundle that lies there, as it was laid out. Throws `log-damaged`. */
  record(offset: number): Uint8Array {
    return this.#read(offset);
  }

  entry(index: DagIndex, ref: LocalRef): Entry {
    const record = index.entry(ref);
    const entry = this.bundle(record.offset).entries[record.index];
    assert(entry, 'the index names entries that their bundles have');
    return entry;
  }

  /** The entry that has that hash, if it lies where the record says. */
  entryOf({ offset, index, hash }: EntryRecord): Entry | undefined {
    const bundle = unlessDamaged(() => this.bundle(offset));
    const found = bundle?.hashes[index];
    return found && equalBytes(found, hash) ? bundle?.entries[index] : undefined;
  }

  /** The entry's payload alone, without hashing what its bundle has. Valid until the next is asked for. Throws `log-damaged`. */
  payload(index: DagIndex, ref: LocalRef): Uint8Array {
    const { offset, index: at } = index.entry(ref);
    return this.#recent.get(offset)?.entries[at]?.payload ?? payloadInBundle(this.#look(offset), at);
  }

  scan(from: number): Iterable<LogItem> {
    return this.#log.scan(from);
  }

  /** What lies there; `undefined` where that is damage. */
  *decoding(item: LogItem): Steps<Bundle | undefined> {
    return item.kind === 'record' ? yield* this.#decode(item) : undefined;
  }

  /** For whoever reads bundles mostly as they follow each other. Returns `undefined` where the log is damaged. */
  sequentially(): (offset: number) => Steps<Bundle | undefined> {
    const onDamaged = this.#onDamaged;
    let items: Iterator<LogItem> | undefined;
    let last: { readonly offset: number; readonly bundle: Bundle | undefined } | undefined;
    const itemAt = (offset: number): LogItem | undefined => {
      const next = items?.next();
      if (next && !next.done && next.value.offset === offset) return next.value;
      items = this.#log.scan(offset)[Symbol.iterator]();
      const first = items.next();
      return first.done ? undefined : first.value;
    };
    return function* (offset) {
      if (last?.offset === offset) return last.bundle;
      const item = itemAt(offset);
      if (item?.kind === 'damaged') onDamaged(offset);
      const bundle = item?.kind === 'record' ? yield* decodingRecord(item.record) : undefined;
      last = { offset, bundle };
      return bundle;
    };
  }

  #read(offset: number, into?: Uint8Array): Uint8Array {
    try {
      return this.#log.read(offset, into);
    } catch (error) {
      if (error instanceof LatticeError && error.code === 'log-damaged') this.#onDamaged(offset);
      throw error;
    }
  }

  #look(offset: number): Uint8Array {
    if (this.#looked?.offset !== offset) {
      this.#memory ??= new Uint8Array(recordBytesMax + frameBytesMax);
      // First, since a read that fails leaves neither the old nor the new one there.
      this.#looked = undefined;
      this.#looked = { offset, record: this.#read(offset, this.#memory) };
    }
    return this.#looked.record;
  }
}

/** What a read of the log comes to; `undefined` where nothing intact lies there. */
export function unlessDamaged<Read>(read: () => Read): Read | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof LatticeError && error.code === 'log-damaged') return undefined;
    throw error;
  }
}

/** Decodes a log record that is in the DAG: that it is malformed would be a defect. */
export function decodeRecord(record: Uint8Array): Bundle {
  return allAtOnce(decodingRecord(record));
}

/** The same, entry by entry. */
export function* decodingRecord(record: Uint8Array): Steps<Bundle> {
  const decoded = yield* decodeBundleInSteps(record, { hashEntry, lookUp: () => undefined });
  assert(decoded.kind === 'bundle', 'log records are full bundles');
  return decoded.bundle;
}

/**
 * The same; `undefined` where it is no bundle although its checksum fits, or one beyond the bounds: whatever wrote that, nobody
 * else would take it, so it is no better than damage.
 */
function* decodingSound(record: Uint8Array): Steps<Bundle | undefined> {
  try {
    return yield* decodingRecord(record);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
