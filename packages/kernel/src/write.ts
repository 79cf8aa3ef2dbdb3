import { encodePayload, payloadAround } from '@lattice/proto';
import type { AnyMachine } from './operations.js';

export interface WriteOptions {
  /** How many operations it has; where that is not said, the machine reads them to find out. */
  readonly count?: number;
  /** Whether the `payloadHeadroom` bytes before the operations, in the same memory, are the kernel's: what is large is not copied then. */
  readonly hasHeadroom?: boolean;
  /** Whether they may be written after all, when it comes to it. */
  readonly check?: WriteCheck;
}

/**
 * Is asked when the entry is sealed. The state is that of all commits before it, and `before` has the operations that are
 * ahead in the same entry, which the state does not show yet: for one entry the same array, which grows. It may be asked
 * more than once. What it returns refuses the write, of which then nothing is written; no other write is concerned.
 */
export type WriteCheck = (before: readonly Uint8Array[]) => Refusal | undefined;

/** Says why. Called once the writes ahead of the refused one are in the state, so that it can tell what is there now. */
export type Refusal = () => unknown;

/** A caller's operations on their way into an entry. */
export interface Write extends WriteOptions {
  readonly operations: Uint8Array;
}

/** What becomes of writes that share an entry. */
export interface Judged {
  /** Those that are let in, in order. */
  readonly letIn: readonly Write[];
  /** For each write: why not, if it is not let in. */
  readonly refusals: readonly (Refusal | undefined)[];
}

/** Lets writes in one after the other, each knowing of those that were let in before it. */
export function judged(writes: readonly Write[]): Judged {
  const letIn: Write[] = [];
  const operations: Uint8Array[] = [];
  const refusals = writes.map((write) => {
    const refusal = asked(write, operations);
    if (refusal) return refusal;
    letIn.push(write);
    operations.push(write.operations);
    return undefined;
  });
  return { letIn, refusals };
}

/** Of an entry with these. */
export function payloadOf(version: number, writes: readonly Write[]): Uint8Array {
  const [first] = writes;
  if (first?.hasHeadroom && writes.length === 1) return payloadAround(version, first.operations);
  return encodePayload(
    version,
    writes.map(({ operations }) => operations),
  );
}

/** Why a write was refused, as it is to be told. */
export function reasonOf(refusal: Refusal): unknown {
  try {
    return refusal();
  } catch (error) {
    return error;
  }
}

/** Of each write, the index of its first operation within the entry; of a refused one it says nothing. */
export function firstOps(
  writes: readonly Write[],
  { refusals }: Judged,
  machine: AnyMachine,
): readonly number[] {
  let next = 0;
  return writes.map((write, i) => {
    const first = next;
    if (!refusals[i]) next += write.count ?? countOf(write.operations, machine);
    return first;
  });
}

/** A check that fails concerns its caller alone, too. */
function asked({ check }: Write, before: readonly Uint8Array[]): Refusal | undefined {
  try {
    return check?.(before);
  } catch (error) {
    return () => error;
  }
}

function countOf(operations: Uint8Array, machine: AnyMachine): number {
  const decoded = machine.decode(operations);
  return 'kind' in decoded ? 0 : decoded.length;
}
