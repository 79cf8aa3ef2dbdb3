import { LatticeError } from '@lattice/model';
import { usageError } from '../usage-error.js';
import type { CommandContext } from './command-context.js';

/** What to ask before something that cannot be undone, and whether an answer means it. */
export interface Question {
  /** What is about to happen: a line. */
  readonly about: string;
  /** What to type, on the next line. */
  readonly prompt: string;
  readonly isYes: (answer: string) => boolean;
}

/** Who has to say yes; `undefined` where --yes said so. Throws a usage error where there is nobody to ask. */
export function confirmer(
  command: string,
  yes: true | undefined,
  { asker, output }: CommandContext,
): ((question: Question) => Promise<void>) | undefined {
  if (yes) return undefined;
  const ask = asker();
  if (ask === undefined)
    throw usageError(`\`${command}\` asks first, and nobody is at a terminal here: add --yes to go ahead.`);
  return async ({ about, prompt, isYes }) => {
    output.note(about);
    const answer = await ask(prompt);
    if (answer !== undefined && isYes(answer.trim())) return;
    throw new LatticeError('not-confirmed', 'Not confirmed: everything is as it was.');
  };
}
