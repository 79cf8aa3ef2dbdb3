import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LatticeError } from '@lattice/model';
import { fileError } from '../file-error.js';
import type { CommandContext } from './command-context.js';
import { standardInput } from './standard-input.js';

export interface ImportSource {
  readonly open: () => AsyncIterable<Uint8Array>;
  /** Whether it can be read twice: a file, as opposed to a pipe. */
  readonly isRereadable: boolean;
}

const readBytes = 256 * 1024;

/** What a path names, or standard input for `-`. */
export async function openImportSource(file: string, context: CommandContext): Promise<ImportSource> {
  if (file === '-') {
    const input = standardInput(context, {
      instead: 'import a file',
      asks: 'Type a line for each key; Ctrl-D ends them.',
    });
    return { open: () => input, isRereadable: false };
  }
  const path = resolve(context.surroundings.cwd, file);
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
