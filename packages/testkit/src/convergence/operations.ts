import { comparePlaces, meshStoreType, type Place, type StateMachine } from '@lattice/model';
import { decodePayload, MalformedError } from '@lattice/proto';
import { type HistoryEntry, replacedOf, seesEntry } from './history.js';

/** An operation of a generated history. */
export interface HistoryOperation<Op> {
  readonly op: Op;
  /** Its index in the entry. */
  readonly index: number;
  readonly at: HistoryEntry;
}

/**
 * What a machine is to be given where these entries count, in the one order that all nodes agree on. `replaces`: whether
 * entries can be issued again in that store.
 */
export function operationsOf<Op>(
  entries: Iterable<HistoryEntry>,
  machine: StateMachine<Op>,
  replaces = machine.type !== meshStoreType,
): HistoryOperation<Op>[] {
  const operations: HistoryOperation<Op>[] = [];
  const all = [...entries];
  const replaced = replaces ? replacedOf(all) : undefined;
  for (const at of all.filter((entry) => !replaced?.has(entry)))
    decode(at.entry.payload, machine).forEach((op, index) => operations.push({ op, index, at }));
  return operations.sort((a, b) => comparePlaces(placeOf(a), placeOf(b)));
}

/** Whether the first operation has the second in its causal past; within an entry, later ones see earlier ones. */
export function operationSees(one: HistoryOperation<unknown>, other: HistoryOperation<unknown>): boolean {
  return one.at === other.at ? other.index < one.index : seesEntry(one.at, other.at);
}

/** Nothing of a merge entry, of a payload that is invalid, and of one of a newer version. */
function decode<Op>(payload: Uint8Array, machine: StateMachine<Op>): readonly Op[] {
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

function placeOf({ at, index }: HistoryOperation<unknown>): Place {
  return { time: at.time, author: at.entry.author, entry: at.hash, op: index };
}
