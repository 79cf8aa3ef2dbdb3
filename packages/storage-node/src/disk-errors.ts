import { LatticeError, sizeText } from '@lattice/model';
import fs from 'node:fs';

/** The system's name for what went wrong ("ENOSPC", "EACCES" ...), or `undefined` for an error that is not the system's. */
export function systemCode(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

export function isDiskFull(error: unknown): boolean {
  const code = systemCode(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

/** As the public API has it: `disk-full` or `disk-failed`. `doing` completes "while ..."; `folder`: where. */
export function diskError(error: unknown, doing: string, folder?: string): LatticeError {
  if (error instanceof LatticeError) return error;
  return isDiskFull(error)
    ? diskFull(doing, error, folder)
    : new LatticeError(
        'disk-failed',
        `The disk failed while ${doing} (${systemCode(error) ?? String(error)}): look into the system's log, then try again.`,
        { cause: error },
      );
}

export function diskFull(doing: string, cause?: unknown, folder?: string): LatticeError {
  const where = folder === undefined ? '' : ` (${roomText(folder)})`;
  return new LatticeError(
    'disk-full',
    `The disk is full${where}, noticed while ${doing}: free some space, then try again.`,
    { cause },
  );
}

/** Free bytes on the disk of a folder, for this user; `undefined` where that is not known. A quota may leave less. */
export function roomIn(folder: string): number | undefined {
  try {
    const { bavail, bsize } = fs.statfsSync(folder);
    return bavail * bsize;
  } catch {
    return undefined;
  }
}

function roomText(folder: string): string {
  const room = roomIn(folder);
  return room === undefined ? folder : `${sizeText(room)} left in ${folder}`;
}
