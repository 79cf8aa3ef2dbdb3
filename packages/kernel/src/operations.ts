import type { Hash, StateMachine } from '@lattice/model';
import { decodePayload, encodePayload, MalformedError } from '@lattice/proto';

/** Any machine, its operations being its own business. */
// oxlint-disable-next-line typescript/no-explicit-any -- a machine's operation type is known to the machine alone
export type AnyMachine = StateMachine<any>;

/** What a payload (of an entry that is no merge) means to a machine; all machines of a version agree on it. */
export type ReadOperations =
  | { readonly kind: 'operations'; readonly operations: readonly unknown[] }
  | { readonly kind: 'newer' | 'invalid' };

export function readOperations(machine: AnyMachine, payload: Uint8Array): ReadOperations {
  try {
    const { version, operations } = decodePayload(payload);
    if (version > machine.version) return { kind: 'newer' };
    const decoded = machine.decode(operations);
    return 'kind' in decoded ? { kind: 'invalid' } : { kind: 'operations', operations: decoded };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    return { kind: 'invalid' };
  }
}

/** A payload that is issued again, its operations naming other entries as `again` calls them now; and which it names. */
export function reissuedPayload(
  machine: AnyMachine | undefined,
  payload: Uint8Array,
  again: (entry: Hash) => Hash,
): { readonly payload: Uint8Array; readonly names: readonly Hash[] } {
  const read = machine?.reissued && payload.length > 0 ? readOperations(machine, payload) : undefined;
  if (read?.kind !== 'operations' || !machine?.reissued) return { payload, names: [] };
  const { operations, names } = machine.reissued(read.operations, again);
  return { payload: encodePayload(decodePayload(payload).version, [operations]), names };
}
