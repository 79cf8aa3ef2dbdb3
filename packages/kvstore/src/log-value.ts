import { assert, type Entry, type LocalDot, type LocalRef, type StateView } from '@lattice/model';
import { decodePayload } from '@lattice/proto';
import { decodeKvOps } from './operations.js';

export interface LogBackend {
  readonly state: StateView;
  entry(ref: LocalRef): Entry;
}

/** What an applied operation wrote; `undefined` where it deleted. */
export function valueInLog(backend: LogBackend, { ref, op }: LocalDot): Uint8Array | undefined {
  const operations = decodeKvOps(decodePayload(backend.entry(ref).payload).operations);
  assert(!('kind' in operations), 'a head is an operation that was applied');
  const operation = operations[op];
  assert(operation, 'a head is an operation of its entry');
  // A copy: what the log gives out is remembered, and sent to peers.
  return operation.kind === 'put' ? operation.value.slice() : undefined;
}
