import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { LatticeError, valueBytesMax } from '@lattice/model';
import { fileError } from '../file-error.js';
import { wordBytes } from '../line/word-bytes.js';
import { usageError } from '../usage-error.js';
import type { CommandContext } from './command-context.js';
import { standardInput } from './standard-input.js';

/** How the command that writes the value is called, and what takes what is too large for one. */
interface Wanted {
  readonly verb: 'put' | 'append';
  readonly parts: 'keys' | 'items';
}

/** The value that is meant: what `-` and `@file` stand for, exactly its bytes, else the text itself. */
export async function valueFrom(typed: string, wanted: Wanted, context: CommandContext): Promise<Uint8Array> {
  if (typed === '-') {
    const input = standardInput(context, {
      instead: `write a value to a file and ${wanted.verb} @file, or ${wanted.verb} - with --literal for a hyphen`,
      asks: 'Type the value; Ctrl-D ends it.',
    });
    return bounded(input, 'Standard input', wanted);
  }
  if (typed.startsWith('@')) return fileValue(typed.slice(1), wanted, context);
  return wordBytes(typed);
}

async function fileValue(
  file: string,
  wanted: Wanted,
  { surroundings, signal }: CommandContext,
): Promise<Uint8Array> {
  if (file === '')
    throw usageError(
      `\`@\` names no file: write @file, or ${wanted.verb} @ with --literal for the character itself.`,
    );
  const path = resolve(surroundings.cwd, file);
  try {
    const found = await stat(path);
    if (found.isDirectory())
      throw new LatticeError('file-is-directory', `${file} is a directory: name a file.`);
    if (found.isFile() && found.size > valueBytesMax) throw tooLarge(file, wanted);
    return await bounded(createReadStream(path, { signal }), file, wanted);
  } catch (error) {
    const described = fileError(error, file);
    if (!(described instanceof LatticeError) || described.code !== 'file-not-found') throw described;
    const hint = 'For a value that begins with @, add --literal.';
    throw new LatticeError(described.code, `${described.message} ${hint}`, { cause: error });
  }
}

/** All of it; rejects, and reads no further, when that is more than a value can be. */
async function bounded(stream: AsyncIterable<Uint8Array>, what: string, wanted: Wanted): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of stream) {
    length += chunk.length;
    if (length > valueBytesMax) throw tooLarge(what, wanted);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge(what: string, { parts }: Wanted): LatticeError {
  return new LatticeError(
    'value-too-large',
    `${what} is more than a value can be, which is ${valueBytesMax} bytes: split it over several ${parts}.`,
  );
}
