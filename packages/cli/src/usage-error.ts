import { LatticeError } from '@lattice/model';

const code = 'usage';

/** What the node says of options that it alone understands. */
const codesOfNode = ['invalid-bind', 'invalid-relay', 'invalid-lan'];

/** The command was typed wrongly: exit status 2. */
export function usageError(message: string): LatticeError {
  return new LatticeError(code, message);
}

export function isUsageError(error: unknown): boolean {
  return error instanceof LatticeError && (error.code === code || codesOfNode.includes(error.code));
}
