import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { directoryError } from './directory-errors.js';
import { readTextFile } from './durable-files.js';

/** Who has a data directory, as far as its lock file says: after a crash, who had it last. */
export interface DirectoryOwner {
  readonly pid: number;
  readonly socketPath: string;
}

/**
 * What the lock file says, or `undefined` where it says nothing (yet): then whoever has the lock is starting or ending.
 * Apart from the lock itself, so that a command that only wants to reach the owner loads nothing native. Rejects as
 * `DirectoryLock.tryLock` does.
 */
export async function readOwner(directory: string): Promise<DirectoryOwner | undefined> {
  const text = await readLock(directory);
  try {
    const { directory: of, pid, socketPath } = JSON.parse(text ?? '') as Partial<OwnerRecord>;
    if (typeof pid !== 'number' || typeof socketPath !== 'string') return undefined;
    return of === (await realpath(directory)) ? { pid, socketPath } : undefined;
  } catch {
    return undefined;
  }
}

async function readLock(directory: string): Promise<string | undefined> {
  try {
    return await readTextFile(lockPath(directory));
  } catch (error) {
    throw directoryError(error, directory);
  }
}

/** What the lock file is to say. */
export async function ownerText(directory: string, owner: DirectoryOwner): Promise<string> {
  const record: OwnerRecord = { ...owner, directory: await realpath(directory) };
  return `${JSON.stringify(record)}\n`;
}

/** The directory is named too: in a copy of it, the lock file still speaks of the owner of the original. */
interface OwnerRecord extends DirectoryOwner {
  readonly directory: string;
}

export function lockPath(directory: string): string {
  return join(directory, 'lock');
}
