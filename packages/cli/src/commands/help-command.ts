import { nearest } from '../line/nearest.js';
import { noSuchCommand, usageOf } from '../line/find-command.js';
import { columns } from '../output/columns.js';
import type { Output } from '../output/output.js';
import { type Command, command } from './command.js';
import { commandText, overviewText } from './help-text.js';

/** `help`, of a table that it is itself a row of. */
export function helpCommand(commands: () => readonly Command[]): Command {
  return command({
    path: 'help',
    group: 'Shell',
    summary: 'Explain the commands, or one of them',
    args: [
      { name: 'command', summary: 'A command or its first word', optional: true, completes: 'command' },
      { name: 'subcommand', summary: 'Its second word', optional: true, completes: 'command' },
    ],
    examples: [{ line: 'help mesh invite', says: 'the same as `mesh invite --help`' }],
    json: '[{command, summary, usage, json}]',
    run: async ({ args }, { output, shell }) => {
      const words = [args.command, args.subcommand].filter((word) => word !== undefined);
      const meant = meantBy(words, commands());
      await output.result({
        json: meant.map((one) => ({
          command: one.path.join(' '),
          summary: one.summary,
          usage: usageOf(one),
          json: one.json,
        })),
        text: textFor(meant, output, words.length === 0 && shell !== undefined),
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
  throw noSuchCommand(words.join(' '), close === undefined ? undefined : `help ${close}`);
}

function textFor(meant: readonly Command[], output: Output, isShort: boolean): string {
  const [only] = meant;
  if (meant.length === 1 && only !== undefined) return commandText(only, output);
  return isShort ? shortOverview(meant) : overviewText(meant, output);
}

/** In the shell, where Tab says the rest. */
function shortOverview(commands: readonly Command[]): string {
  const groups = new Map<string, string[]>();
  let before = '';
  for (const { group, path } of commands) {
    const names = groups.get(group) ?? [];
    // "mesh create, list, use"
    const isSame = path.length > 1 && path[0] === before && names.length > 0;
    groups.set(group, [...names, (isSame ? path.slice(1) : path).join(' ')]);
    before = path[0] ?? '';
  }
  return [
    columns([...groups].map(([group, names]) => [group, names.join(', ')])),
    '',
    '`help <command>` explains one, with examples; `help mesh` lists what begins so.',
    'Tab completes commands, options, names, ids and keys. Quote what contains spaces;',
    'while a quote is open, the value goes on in the next line. Ctrl-C cancels.',
    'Up and Ctrl-R find earlier lines; one that begins with a space is not kept.',
  ].join('\n');
}
