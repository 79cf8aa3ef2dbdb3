import { LatticeError, type LocalDot, type LocalRef, type StateView } from '@lattice/model';
import { decodePayload } from '@lattice/proto';
import { keyText } from './key-text.js';
import { kvOpAt } from './operations.js';
import type { KvRecord } from './record.js';

export interface LogBackend {
  readonly state: StateView;
  /** An entry's payload, from the log; not the caller's to change. Throws `log-damaged`. */
  payload(ref: LocalRef): Uint8Array;
}

/** What an applied operation wrote; `undefined` where it deleted. Throws `log-damaged`, naming the key. */
export function valueInLog(
  backend: LogBackend,
  { ref, op }: LocalDot,
  key: Uint8Array,
): Uint8Array | undefined {
  const { operations } = decodePayload(payloadOf(backend, ref, key));
  const operation = kvOpAt(operations, op);
  // A copy: what the log gives out is remembered, and sent to peers.
  return operation.kind === 'put' ? operation.value.slice() : undefined;
}

/** The winner's value, wherever it is; `undefined` where the winner deleted the key. Throws as `valueInLog` does. */
export function winnersValue(
  backend: LogBackend,
  { winner, value }: KvRecord,
  key: Uint8Array,
): Uint8Array | undefined {
  return value === 'in-log' ? valueInLog(backend, winner, key) : value;
}

function payloadOf(backend: LogBackend, ref: LocalRef, key: Uint8Array): Uint8Array {
  try {
    return backend.payload(ref);
  } catch (error) {
    if (!(error instanceof LatticeError && error.code === 'log-damaged')) throw error;
    const message =
      `The value of ${keyText(key)} cannot be read, as the log is damaged on this disk where it lies: run ` +
      '`store check` to see what is lost and how to fetch it again, or put the key anew.';
    throw new LatticeError('log-damaged', message, { cause: error });
  }
}
