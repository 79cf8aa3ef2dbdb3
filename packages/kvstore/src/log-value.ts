import { assert, type Entry, type LocalDot, type LocalRef, type StateView } from '@lattice/model';
import { operationsOf } from '@lattice/proto';
import { kvMachine } from './machine.js';

export interface LogBackend {
  readonly state: StateView;
  entry(ref: LocalRef): Entry;
}

/** What an applied operation wrote; `undefined` where it deleted. */
export function valueInLog(backend: LogBackend, { ref, op }: LocalDot): Uint8Array | undefined {
  const operation = operationsOf(kvMachine, backend.entry(ref).payload)[op];
  assert(operation, 'a head is an operation that was applied');
  // A copy: what the log gives out is remembered, and sent to peers.
  return operation.kind === 'put' ? operation.value.slice() : undefined;
}
