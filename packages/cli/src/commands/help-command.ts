import { nearest } from '../line/nearest.js';
import { usageOf } from '../line/find-command.js';
import { usageError } from '../usage-error.js';
import { type Command, command } from './command.js';
import { commandText, overviewText } from './help-text.js';

/** `help`, of a table that it is itself a row of. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return command({
    path: 'help',
    group: 'Shell',
    summary: 'Explain the commands, or one of them',
    args: [
      { name: 'command', summary: 'A command or its first word', optional: true },
      { name: 'subcommand', summary: 'Its second word', optional: true },
    ],
    examples: [{ line: 'help mesh invite', says: 'the same as `mesh invite --help`' }],
    json: '[{command, summary, usage, json}]',
    run: async ({ args }, { output }) => {
      const words = [args.command, args.subcommand].filter((word) => word !== undefined);
      const meant = meantBy(words, commands());
      const [only] = meant;
      await output.result({
        json: meant.map((one) => ({
          command: one.path.join(' '),
          summary: one.summary,
          usage: usageOf(one),
          json: one.json,
        })),
        text:
          meant.length === 1 && only !== undefined ? commandText(only, output) : overviewText(meant, output),
      });
    },
  });
}

/** All commands whose names begin with the words. Throws a usage error where there are none. */
function meantBy(words: readonly string[], commands: readonly Command[]): readonly Command[] {
  const meant = commands.filter(({ path }) => words.every((word, i) => word === path[i]));
  if (meant.length > 0) return meant;
  const names = commands.map(({ path }) => path.join(' '));
  const close = nearest(words.join(' '), names);
  throw usageError(
    close === undefined
      ? `There is no command "${words.join(' ')}": \`help\` lists all.`
      : `There is no command "${words.join(' ')}": did you mean \`help ${close}\`?`,
  );
}
