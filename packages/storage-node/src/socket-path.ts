import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';

/** Linux takes 107 bytes, macOS 103, and Node cuts longer paths off without a word: two directories would share a socket. */
const pathBytesMax = 100;

/**
 * Where the process that has a data directory listens: in it, or if that path is too long for a socket, in the folder for
 * such things, named by a hash of it. The directory must be there.
 */
export function socketPathFor(
  directory: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string {
  const real = fs.realpathSync(directory);
  const name = `lattice-${createHash('sha256').update(real).digest('hex').slice(0, 16)}`;
  if (process.platform === 'win32') return `\\\\.\\pipe\\${name}`;
  const inside = join(real, 'lattice.sock');
  if (Buffer.byteLength(inside) < pathBytesMax) return inside;
  const folders = [environment['XDG_RUNTIME_DIR'] ?? '', os.tmpdir()].filter((folder) => folder !== '');
  const paths = folders.map((folder) => join(folder, `${name}.sock`));
  return paths.find((path) => Buffer.byteLength(path) < pathBytesMax) ?? join('/tmp', `${name}.sock`);
}
