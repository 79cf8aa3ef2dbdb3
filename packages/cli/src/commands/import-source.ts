import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LatticeError } from '@lattice/model';
import { fileError } from '../file-error.js';
import { usageError } from '../usage-error.js';
import type { CommandContext } from './command-context.js';

export interface ImportSource {
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Whether it can be read twice: a file, as opposed to a pipe. */
  readonly isRereadable: boolean;
}

const readBytes = 256 * 1024;

/** What a path names, or standard input for `-`. */
export async function openImportSource(
  file: string,
  { surroundings, shell }: CommandContext,
): Promise<ImportSource> {
  if (file === '-') {
    if (shell !== undefined)
      throw usageError(
        'In the shell, standard input is for commands: import a file, or run `lattice import -`.',
      );
    return { open: () => surroundings.stdin, isRereadable: false };
  }
  const path = resolve(surroundings.cwd, file);
  try {
    const found = await stat(path);
    if (found.isDirectory())
      throw new LatticeError('file-is-directory', `${file} is a directory: name a file.`);
    return { open: () => fileBytes(path, file), isRereadable: found.isFile() };
  } catch (error) {
    throw fileError(error, file);
  }
}

async function* fileBytes(path: string, file: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: readBytes });
  } catch (error) {
    throw fileError(error, file);
  }
}
