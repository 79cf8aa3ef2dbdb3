import type { Command, Input } from '../commands/command.js';
import { usageError } from '../usage-error.js';
import { nearest } from './nearest.js';
import type { Words } from './read-words.js';

/** The command whose name the words begin with; of several, the longest. Throws a usage error that suggests one. */
export function findCommand(words: readonly string[], commands: readonly Command[]): Command {
  const found = commands
    .filter(({ path }) => path.every((word, i) => word === words[i]))
    .sort((a, b) => b.path.length - a.path.length)[0];
  if (found !== undefined) return found;

  const [first = ''] = words;
  const ofGroup = commands.filter(({ path }) => path[0] === first && path.length > 1);
  if (ofGroup.length > 0) throw needsCommand(first, words[1], ofGroup);
  const names = commands.map(({ path }) => path.join(' '));
  const close =
    onlyWith(first, names) ??
    nearest(words.slice(0, 2).join(' '), names) ??
    nearest(first, names) ??
    groupLike(first, commands);
  throw noSuchCommand(first, close);
}

/** `close`: what was probably meant, as it can be typed. */
export function noSuchCommand(typed: string, close: string | undefined): Error {
  const next = close === undefined ? '`help` lists them.' : `did you mean \`${close}\`?`;
  return usageError(`There is no command "${typed}": ${next}`);
}

/** The one that begins so, if it is the only one. */
function onlyWith(typed: string, names: readonly string[]): string | undefined {
  const [only, ...others] = names.filter((name) => typed !== '' && name.startsWith(typed));
  return others.length === 0 ? only : undefined;
}

/** What the rest of the words and the options mean to the command. Throws a usage error where they do not fit. */
export function inputOf(
  command: Command,
  { words, options }: Words,
  isGlobal: (option: string) => boolean,
): Input {
  const given = words.slice(command.path.length);
  const name = command.path.join(' ');
  const required = command.args.filter(({ optional }) => optional !== true);
  if (given.length < required.length) {
    const missing = required[given.length]?.name ?? '';
    throw usageError(`\`${name}\` needs <${missing}>: ${usageOf(command)}`);
  }
  if (given.length > command.args.length) {
    const extra = given[command.args.length] ?? '';
    throw usageError(
      `\`${name}\` has no use for "${extra}" (quote what contains spaces): ${usageOf(command)}`,
    );
  }

  const own = new Map<string, string | true>();
  for (const [option, value] of options) {
    if (command.options.some((one) => one.name === option)) own.set(option, value);
    else if (!isGlobal(option))
      throw usageError(`\`${name}\` has no option --${option}: ${usageOf(command)}`);
  }
  return {
    args: Object.fromEntries(command.args.map((argument, i) => [argument.name, given[i]])),
    options: Object.fromEntries(own),
  };
}

/** One line: the command with its arguments and options. */
export function usageOf({ path, args, options }: Command): string {
  return [
    ...path,
    ...args.map(({ name, optional }) => (optional === true ? `[${name}]` : `<${name}>`)),
    ...options.map(({ name, value }) => (value === undefined ? `[--${name}]` : `[--${name} <${value}>]`)),
  ].join(' ');
}

function needsCommand(group: string, typed: string | undefined, commands: readonly Command[]) {
  const names = commands.map(({ path }) => path[1] ?? '');
  const list = names.join(', ');
  if (typed === undefined) return usageError(`\`${group}\` is several commands: ${list}.`);
  const close = nearest(typed, names);
  return usageError(
    close === undefined
      ? `There is no command "${group} ${typed}", but: ${list}.`
      : `There is no command "${group} ${typed}": did you mean \`${group} ${close}\`?`,
  );
}

function groupLike(first: string, commands: readonly Command[]): string | undefined {
  return nearest(
    first,
    commands.flatMap(({ path }) => (path.length > 1 ? [path[0] ?? ''] : [])),
  );
}
