import {
  assert,
  compareBytes,
  concatBytes,
  type LocalRef,
  type RangeOptions,
  type StateView,
} from '@lattice/model';
import { operationsOf } from '@lattice/proto';
import type { LogItem, LogRangeOptions } from './handle.js';
import { logMachine } from './machine.js';
import { boundBytes, decodePosition } from './position.js';
import { decodeRecord, type LogRecord, positionOfRecord, recordKey, recordsEnd } from './record.js';

/** What reading a log needs of the store behind it. */
export interface LogReadBackend {
  readonly state: StateView;
  /** An entry's payload, from the log; not the caller's to change. Throws `log-damaged`. */
  payload(ref: LocalRef): Uint8Array;
}

/** How many records are read in one go: between pages, no read transaction is open. */
export const pageRecords = 256;

/** A page ends where its values are so long. */
const pageBytesMax = 1024 * 1024;

/**
 * Pages of items, each read in one go with the values that are in the log, since what a record refers to may be another
 * thing as soon as others run. Before an item that cannot be read comes what is in front of it.
 */
export function* itemPages(
  backend: LogReadBackend,
  { limit = Number.POSITIVE_INFINITY, ...options }: LogRangeOptions,
): Generator<readonly LogItem[]> {
  let range = rangeOf(options);
  for (let left = limit; left > 0 && compareBytes(range.gte, range.lt) < 0;) {
    const { items, last } = page(backend, { ...range, limit: Math.min(left, pageRecords) });
    yield items;
    if (!last) return;
    left -= items.length;
    range = behind(range, last);
  }
}

/** Items with their records. */
export function* recordsIn(
  backend: LogReadBackend,
  options: LogRangeOptions,
): Generator<{ readonly position: Uint8Array; readonly record: LogRecord }> {
  let range = rangeOf(options);
  while (compareBytes(range.gte, range.lt) < 0) {
    const records = [...backend.state.range({ ...range, limit: pageRecords })];
    for (const [key, stored] of records)
      yield { position: positionOfRecord(key), record: decodeRecord(stored) };
    const last = records.at(-1);
    if (!last || records.length < pageRecords) return;
    range = behind(range, last[0]);
  }
}

export function itemAt(backend: LogReadBackend, position: Uint8Array, { ref, value }: LogRecord): LogItem {
  const { author, time, op } = decodePosition(position);
  return { position, value: value ?? valueInLog(backend, ref, op), author, time };
}

function valueInLog(backend: LogReadBackend, ref: LocalRef, op: number): Uint8Array {
  const operation = operationsOf(logMachine, backend.payload(ref))[op];
  assert(operation, 'an item is an operation that was applied');
  // A copy: what the log gives out is remembered, and sent to peers.
  return operation.value.slice();
}

/** `last`: the key behind which it goes on, if it does. */
function page(
  backend: LogReadBackend,
  range: Required<RangeOptions>,
): { readonly items: readonly LogItem[]; readonly last: Uint8Array | undefined } {
  const items: LogItem[] = [];
  let last: Uint8Array | undefined;
  let bytes = 0;
  for (const [key, stored] of backend.state.range(range)) {
    try {
      const item = itemAt(backend, positionOfRecord(key), decodeRecord(stored));
      items.push(item);
      bytes += item.value.length;
    } catch (error) {
      if (items.length > 0) return { items, last };
      throw error;
    }
    last = key;
    if (bytes >= pageBytesMax) return { items, last };
  }
  return { items, last: items.length < range.limit ? undefined : last };
}

type RecordRange = Omit<Required<RangeOptions>, 'limit'>;

function rangeOf({ from, to, reverse = false }: LogRangeOptions): RecordRange {
  return {
    gte: recordKey(from === undefined ? new Uint8Array(0) : boundBytes(from)),
    lt: to === undefined ? recordsEnd : recordKey(boundBytes(to)),
    reverse,
  };
}

function behind(range: RecordRange, last: Uint8Array): RecordRange {
  return range.reverse ? { ...range, lt: last } : { ...range, gte: concatBytes(last, Uint8Array.of(0)) };
}
