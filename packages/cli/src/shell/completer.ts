import type { Command } from '../commands/command.js';
import { completionsFor } from '../completion/completions-for.js';
import { nodeLookups } from '../completion/node-lookups.js';
import { startingFrom } from '../completion/starting-from.js';
import { type GlobalOptions, globalOptions, questionOptions } from '../line/global-options.js';
import type { Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { choicesText } from './choices-text.js';
import type { Completed } from './editor/line-editor.js';
import { ofTheStart } from './parse-shell-line.js';

/** What Tab does in the shell. */
export function completer({
  session,
  start,
  commands,
  surroundings,
}: {
  readonly session: Session;
  readonly start: Pick<GlobalOptions, 'mesh' | 'store'>;
  readonly commands: readonly Command[];
  readonly surroundings: Surroundings;
}): (beforeCursor: string, signal: AbortSignal) => Promise<Completed> {
  const table = {
    commands,
    globalOptions: globalOptions.filter(({ name }) => !ofTheStart.includes(name)),
    questionOptions,
  };
  return async (beforeCursor, signal) => {
    const lookups = startingFrom(start, nodeLookups(session.node, { surroundings, signal }));
    const { replaced, text, isWhole, choices, more } = await completionsFor(beforeCursor, table, lookups);
    // What was made longer by what is certain is shown first: the choice is for the next time.
    const shown = text === replaced ? choices : [];
    return { replaced, text, isWhole, choices: choicesText(shown, more, surroundings.stdout.columns || 80) };
  };
}
