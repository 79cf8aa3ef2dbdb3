import { nearest } from '../line/nearest.js';
import { usageOf } from '../line/find-command.js';
import { globalOptions, questionOptions } from '../line/global-options.js';
import { columns } from '../output/columns.js';
import { wrapped } from '../output/wrapped.js';
import { usageError } from '../usage-error.js';
import { type Command, command } from './command.js';

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
        text: meant.length === 1 && only !== undefined ? commandHelp(only) : overview(meant),
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

function overview(commands: readonly Command[]): string {
  const groups = new Map<string, Command[]>();
  for (const one of commands) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  const rows = commands.map((one) => [withArguments(one), one.summary]);
  const width = Math.max(...rows.map(([usage = '']) => usage.length));
  const sections = [...groups].map(
    ([group, ones]) =>
      `${group}\n${columns(
        ones.map((one) => [withArguments(one).padEnd(width), one.summary]),
        '  ',
      )}`,
  );
  return [
    'lattice [options] <command>    Without a command: a shell.',
    ...sections,
    `Options, anywhere on the line\n${optionRows()}`,
    '`help <command>` explains one. Exit status: 0 done, 1 refused or not found, 2 typed wrongly.',
  ].join('\n\n');
}

function commandHelp(one: Command): string {
  const args = one.args.map(({ name, summary, optional }) => [
    optional === true ? `[${name}]` : `<${name}>`,
    summary,
  ]);
  const options = one.options.map(({ name, value, summary }) => [
    value === undefined ? `--${name}` : `--${name} <${value}>`,
    summary,
  ]);
  const examples = one.examples.map(({ line, says }) => [line, says]);
  return [
    `${one.summary}.`,
    `  ${usageOf(one)}`,
    ...(args.length + options.length > 0 ? [columns([...args, ...options], '  ')] : []),
    ...(one.details === undefined ? [] : [wrapped(one.details)]),
    `Examples\n${columns(examples, '  ')}`,
    `With --json: ${one.json}`,
  ].join('\n\n');
}

function withArguments(one: Command): string {
  return usageOf({ ...one, options: [] });
}

function optionRows(): string {
  const rows = [
    ...globalOptions.map((option) => [
      'value' in option ? `--${option.name} <${option.value}>` : `--${option.name}`,
      `${option.summary} (${option.variable})`,
    ]),
    ...questionOptions.map(({ name, short, summary }) => [`--${name}, -${short}`, summary]),
  ];
  return columns(rows, '  ');
}
