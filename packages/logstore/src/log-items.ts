import { assert, compareBytes, concatBytes, type LocalRef, type StateView } from '@lattice/model';
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

/** Items with their records. */
export function* recordsIn(
  backend: LogReadBackend,
  { from, to, reverse = false }: LogRangeOptions,
): Generator<{ readonly position: Uint8Array; readonly record: LogRecord }> {
  let gte = recordKey(from === undefined ? new Uint8Array(0) : boundBytes(from));
  let lt = to === undefined ? recordsEnd : recordKey(boundBytes(to));
  while (compareBytes(gte, lt) < 0) {
    const page = [...backend.state.range({ gte, lt, reverse, limit: pageRecords })];
    for (const [key, stored] of page) yield { position: positionOfRecord(key), record: decodeRecord(stored) };
    const last = page.at(-1);
    if (!last || page.length < pageRecords) return;
    if (reverse) [lt] = last;
    else gte = concatBytes(last[0], Uint8Array.of(0));
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
