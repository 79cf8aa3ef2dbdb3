import { addAbortSignal } from 'node:stream';
import { usageError } from '../usage-error.js';
import type { CommandContext } from './command-context.js';

/**
 * Standard input, up to Ctrl-C. In the shell and in scripts it is where the commands come from: a usage error says what
 * to do `instead`. Who sits at a terminal is told what the command `asks` for.
 */
export function standardInput(
  { output, shell, signal, surroundings: { stdin } }: CommandContext,
  { instead, asks }: { readonly instead: string; readonly asks: string },
): AsyncIterable<Uint8Array> {
  if (shell !== undefined)
    throw usageError(`Here, standard input is for commands: ${instead}; or run it as one command.`);
  if (stdin.isTTY === true && output.stderr.isTerminal) output.note(asks);
  return addAbortSignal(signal, stdin);
}
