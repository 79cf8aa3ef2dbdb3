import { exitStatusMeanings } from '../exit-statuses.js';
import { usageOf } from '../line/find-command.js';
import { globalOptions, questionOptions } from '../line/global-options.js';
import { type Definition, definitions, readingWidth, termWidthOf } from '../output/layout.js';
import type { Output } from '../output/output.js';
import { wrapped } from '../output/wrapped.js';
import type { Command } from './command.js';

/** What the commands are for, group by group, and the options that all of them have. */
export function overviewText(commands: readonly Command[], { stdout, paint }: Output): string {
  const width = readingWidth(stdout);
  const sections = inGroups(commands).map(([group, ones]) => [group, ones.map(summaryRow)] as const);
  const termWidth = termWidthOf(sections.flatMap(([, rows]) => rows));
  return [
    wrapped('lattice [options] <command>    Without a command: a shell.', width),
    ...sections.map(
      ([group, rows]) => `${paint.as('heading', group)}\n${definitions(rows, width, termWidth)}`,
    ),
    `${paint.as('heading', 'Options, anywhere on the line')}\n${definitions(optionRows(), width)}`,
    wrapped(`\`help <command>\` explains one. Exit status: ${statusesText()}.`, width),
  ].join('\n\n');
}

/** All there is to know of one command. */
export function commandText(one: Command, { stdout, paint }: Output): string {
  const width = readingWidth(stdout);
  const given = [...one.args.map(argumentRow), ...one.options.map(optionRow)];
  const examples = one.examples.map(({ line, says }) => [paint.as('code', line), says] as const);
  return [
    wrapped(`${one.summary}.`, width),
    definitions([[paint.as('heading', usageOf(one)), '']], width).trimEnd(),
    ...(given.length > 0 ? [definitions(given, width)] : []),
    ...(one.details === undefined ? [] : [wrapped(one.details, width)]),
    `${paint.as('heading', 'Examples')}\n${definitions(examples, width)}`,
    wrapped(`With --json: ${one.json}`, width),
  ].join('\n\n');
}

/** The commands of each group, in the order of the table. */
export function inGroups(commands: readonly Command[]): [group: string, commands: Command[]][] {
  const groups = new Map<string, Command[]>();
  for (const one of commands) groups.set(one.group, [...(groups.get(one.group) ?? []), one]);
  return [...groups];
}

function summaryRow(one: Command): Definition {
  return [usageOf({ ...one, options: [] }), one.summary];
}

function argumentRow({ name, summary, optional }: Command['args'][number]): Definition {
  return [optional === true ? `[${name}]` : `<${name}>`, summary];
}

function optionRow({ name, short, value, summary }: Command['options'][number]): Definition {
  const typed = short === undefined ? `--${name}` : `--${name}, -${short}`;
  return [value === undefined ? typed : `${typed} <${value}>`, summary];
}

function optionRows(): Definition[] {
  return [
    ...globalOptions.map((option): Definition => {
      const [term, summary] = optionRow(option);
      return [term, `${summary} (${option.variable})`];
    }),
    ...questionOptions.map(optionRow),
  ];
}

function statusesText(): string {
  return exitStatusMeanings.map(([status, meaning]) => `${status} ${meaning}`).join('; ');
}
