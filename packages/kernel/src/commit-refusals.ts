import { LatticeError } from '@lattice/model';

/** What whoever writes to a store may be told. */
export function closedError(): LatticeError {
  return new LatticeError('store-closed', 'The store has been closed: open it again.');
}

export function busyError({
  length,
  bytes,
}: {
  readonly length: number;
  readonly bytes: number;
}): LatticeError {
  const message = `${length} writes of ${bytes} bytes wait for the disk already: await some of them before writing more.`;
  return new LatticeError('store-busy', message);
}

export function tooLargeError({ length }: Uint8Array): LatticeError {
  const message = `A write may have at most 1 MiB of operations, this one has ${length} bytes: split it.`;
  return new LatticeError('batch-too-large', message);
}

export function unknownTypeError(): LatticeError {
  const message = 'This node does not know the type of that store: upgrade it to write there.';
  return new LatticeError('store-type-unknown', message);
}

/** `isMesh`: of the mesh's own store. */
export function damagedError(isMesh: boolean): LatticeError {
  const message = isMesh
    ? "Part of the mesh's own store was damaged on disk: sync with a peer that has it before that, or let go of it with `mesh rebuild --accept-loss`."
    : 'Part of this store was damaged on disk: sync with a peer that has it before writing, or let go of it with `store rebuild --accept-loss`.';
  return new LatticeError('store-damaged', message);
}

export function clockBehindError(): LatticeError {
  const message =
    'By the clock of this machine this node is yet to be let into that mesh: what it writes now would count nowhere. Set the clock, then repeat this.';
  return new LatticeError('clock-behind', message);
}

/** The disk filled up between the log and the state: whoever is refused is to know that it is no refusal. */
export function inLogAllTheSame(error: unknown): unknown {
  if (!(error instanceof LatticeError)) return error;
  const message = `${error.message} What was to be written is in the log all the same, and shows once the state has room for it: look before you write it again.`;
  return new LatticeError(error.code, message, { cause: error });
}
