import type { Argument, Command, Completes, Option } from '../commands/command.js';
import { looksLikeOption } from '../line/read-words.js';
import { textOf, type Token } from '../line/split-line.js';
import type { Meant } from './lookups.js';

/** The commands, and the options that all of them have. */
export interface CommandTable {
  readonly commands: readonly Command[];
  readonly globalOptions: readonly Option[];
  readonly questionOptions: readonly Option[];
}

/** What can stand where the cursor is. */
export interface Place {
  /** The words of a command that can come next. */
  readonly names: readonly { readonly word: string; readonly summary: string }[];
  /** Options that can stand here. */
  readonly options: readonly Option[];
  /** The argument, or an option's value; `before` are the arguments that come before it. */
  readonly value?: { readonly completes: Completes | undefined; readonly before: readonly string[] };
  /** What is typed of the value, where that is not the whole word: `--store=no`. */
  readonly attached?: string;
  readonly meant: Meant;
}

/** Reads what comes before the cursor, forgiving what is wrong with it. `current` is the word that the cursor is in. */
export function placeOf(before: readonly Token[], current: Token, table: CommandTable): Place {
  const all = allOptions(table);
  const read = readBefore(before, all);
  const meant = { mesh: given(read, 'mesh'), store: given(read, 'store') };
  const nothing = { names: [], options: [], meant };
  if (read.awaits !== undefined)
    return { ...nothing, value: { completes: read.awaits.completes, before: [] } };

  const attached = read.isOver ? undefined : attachedValue(current, all);
  if (attached !== undefined)
    return {
      ...nothing,
      value: { completes: attached.option.completes, before: [] },
      attached: attached.text,
    };

  const command = commandOf(read.words, table.commands);
  const argument = command?.args[read.words.length - command.path.length];
  const isOption = typeof current === 'string' && current.startsWith('-') && !read.isOver;
  return {
    meant,
    names: isOption ? [] : namesAfter(read.words, table.commands),
    options: isOption ? optionsLeft(command, read, table) : [],
    ...(isOption || command === undefined || argument === undefined
      ? {}
      : { value: valueOf(argument, read.words.slice(command.path.length)) }),
  };
}

interface ReadSoFar {
  readonly words: readonly string[];
  readonly options: ReadonlyMap<string, string | true>;
  /** The option whose value comes next. */
  readonly awaits: Option | undefined;
  /** Whether `--` was there. */
  readonly isOver: boolean;
}

function readBefore(before: readonly Token[], all: readonly Option[]): ReadSoFar {
  const words: string[] = [];
  const options = new Map<string, string | true>();
  let awaits: Option | undefined;
  let isOver = false;
  for (const token of before) {
    if (awaits !== undefined) {
      options.set(awaits.name, textOf(token));
      awaits = undefined;
    } else if (isOver || (token !== '--' && !looksLikeOption(token))) words.push(textOf(token));
    else if (token === '--') isOver = true;
    else {
      const [typed = '', ...attached] = token.split('=');
      const option = find(typed, all);
      if (option === undefined) continue;
      options.set(option.name, attached.length > 0 ? attached.join('=') : true);
      if (option.value !== undefined && attached.length === 0) awaits = option;
    }
  }
  return { words, options, awaits, isOver };
}

function attachedValue(
  current: Token,
  all: readonly Option[],
): { readonly option: Option; readonly text: string } | undefined {
  if (typeof current !== 'string' || !current.startsWith('--')) return undefined;
  const equals = current.indexOf('=');
  const option = equals === -1 ? undefined : find(current.slice(0, equals), all);
  return option?.value === undefined ? undefined : { option, text: current.slice(equals + 1) };
}

/** The longest command that the words name. */
function commandOf(words: readonly string[], commands: readonly Command[]): Command | undefined {
  return commands
    .filter(({ path }) => path.every((word, i) => word === words[i]))
    .sort((a, b) => b.path.length - a.path.length)[0];
}

/** Each once, with what it does, or what it is the first word of. */
function namesAfter(words: readonly string[], commands: readonly Command[]): Place['names'] {
  const following = commands.filter(
    ({ path }) => path.length > words.length && words.every((word, i) => word === path[i]),
  );
  const names = new Map<string, { word: string; summary: string }>();
  for (const { path, summary } of following) {
    const word = path[words.length] ?? '';
    const isLast = path.length === words.length + 1;
    const known = names.get(word);
    if (known === undefined) names.set(word, { word, summary: isLast ? summary : (path.at(-1) ?? '') });
    else known.summary += `, ${path.at(-1)}`;
  }
  return [...names.values()];
}

function optionsLeft(command: Command | undefined, { options }: ReadSoFar, table: CommandTable) {
  return [...(command?.options ?? []), ...table.globalOptions, ...table.questionOptions].filter(
    ({ name }) => !options.has(name),
  );
}

function valueOf({ completes }: Argument, before: readonly string[]): NonNullable<Place['value']> {
  return { completes, before };
}

function allOptions({ commands, globalOptions, questionOptions }: CommandTable): readonly Option[] {
  return [...globalOptions, ...questionOptions, ...commands.flatMap(({ options }) => options)];
}

function find(typed: string, all: readonly Option[]): Option | undefined {
  return all.find(
    ({ name, short }) => typed === `--${name}` || (short !== undefined && typed === `-${short}`),
  );
}

function given({ options }: ReadSoFar, name: string): string {
  const value = options.get(name);
  return typeof value === 'string' ? value : '';
}
