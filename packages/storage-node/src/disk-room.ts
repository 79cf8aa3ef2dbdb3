import fs from 'node:fs';
import { join } from 'node:path';
import { isDiskFull } from './disk-errors.js';

const scratch = new Uint8Array(64 * 1024).fill(0x55);

/**
 * Whether a little can be written into a directory, found out by doing so: quotas, too, are known only to the system.
 * For LMDB, which crashes when a new file cannot be made, and calls a full disk an input/output error.
 */
export function hasRoom(directory: string): boolean {
  const path = join(directory, 'room.tmp');
  try {
    fs.writeFileSync(path, scratch, { mode: 0o600 });
    return true;
  } catch (error) {
    if (isDiskFull(error)) return false;
    throw error;
  } finally {
    fs.rmSync(path, { force: true });
  }
}
