import { LatticeError } from '@lattice/model';

/** The system's name for what went wrong ("ENOSPC", "EACCES" ...), or `undefined` for an error that is not the system's. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export function isDiskFull(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** As the public API has it: `disk-full` or `disk-failed`. `doing` completes "while ...". */
export function diskError(error: unknown, doing: string): LatticeError {
  if (error instanceof LatticeError) return error;
  return isDiskFull(error)
    ? diskFull(doing, error)
    : new LatticeError(
        'disk-failed',
        `The disk failed while ${doing} (${systemCode(error) ?? String(error)}): look into the system's log, then try again.`,
        { cause: error },
      );
}

export function diskFull(doing: string, cause?: unknown): LatticeError {
  return new LatticeError(
    'disk-full',
    `The disk is full, noticed while ${doing}: free some space, then try again.`,
    {
      cause,
    },
  );
}
