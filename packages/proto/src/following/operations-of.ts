import type { StateMachine } from '@lattice/model';
import { MalformedError } from '../malformed.js';
import { decodePayload } from '../payload.js';

/** The operations of a payload that the machine applied: none of a merge, of what is invalid, or of a newer version's. */
export function operationsOf<Op>(machine: StateMachine<Op>, payload: Uint8Array): readonly Op[] {
  if (payload.length === 0) return [];
  try {
    const { version, operations } = decodePayload(payload);
    const decoded = version > machine.version ? [] : machine.decode(operations);
    return 'kind' in decoded ? [] : decoded;
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}
