import { LatticeError } from '@lattice/model';
import type { DataDirectory, Restored, RestoreOptions } from './data-directory.js';

/** Makes a data directory of a backup. Rejects with `already-running` where a process has it open, and as `restoreBackup` does. */
export async function restore(
  directory: DataDirectory,
  backup: string,
  options: RestoreOptions,
): Promise<Restored> {
  const lock = await directory.tryLock();
  if (lock === undefined) {
    throw new LatticeError(
      'already-running',
      `A process has the data directory ${directory.path} open: restore into another --data-dir.`,
    );
  }
  try {
    const restored = await directory.restore(backup, options);
    await lock.release();
    return restored;
  } catch (error) {
    await lock.abandon();
    throw error;
  }
}
