import type { Completes } from '../commands/command.js';
import { textOf, type Token } from '../line/split-line.js';
import type { Found, Lookups, Named } from './lookups.js';
import { type CommandTable, type Place, placeOf } from './place.js';

/** A word that can stand where the cursor is. */
export interface Candidate {
  /** As the command will see it, without quotes. */
  readonly word: string;
  /** What it means, where that does not go without saying. */
  readonly summary?: string;
  /** What is typed is not finished with it: a directory, an option that a value is to follow. */
  readonly isOpen?: true;
  /** An option, which must stay without the quotes that a word would have. */
  readonly isOption?: true;
}

export interface Candidates {
  /** What stands before each of them in the same word: `--store=`; mostly nothing. */
  readonly head: string;
  readonly items: readonly Candidate[];
  /** Whether there are more than these. */
  readonly more: boolean;
  /** Where there are more: what all of them begin with. */
  readonly common?: string;
}

/**
 * What the word that the cursor is in can become, given the words before it: commands, options, and the arguments that the
 * table says there are. For any shell: quoting is for the caller to undo and to do.
 */
export async function candidatesFor(
  before: readonly Token[],
  current: Token,
  table: CommandTable,
  lookups: Lookups,
): Promise<Candidates> {
  const place = placeOf(before, current, table);
  const typed = place.attached ?? textOf(current);
  const names = place.names.filter(({ word }) => word.startsWith(typed));
  const options = place.options
    .map(({ name, summary }): Candidate => ({ word: `--${name}`, summary, isOption: true }))
    .filter(({ word }) => word.startsWith(typed));
  const values = await valuesOf(place, typed, table, lookups);
  const whole = textOf(current);
  return {
    ...values,
    head: whole.slice(0, whole.length - typed.length),
    items: [...names, ...options, ...values.items],
  };
}

type Values = Omit<Candidates, 'head'>;

const none: Values = { items: [], more: false };

async function valuesOf(
  { value, meant }: Place,
  typed: string,
  table: CommandTable,
  lookups: Lookups,
): Promise<Values> {
  const completes: Completes | undefined = value?.completes;
  switch (completes) {
    case undefined:
      return none;
    case 'key': {
      const { items, ...rest } = await lookups.keys(typed, meant);
      return { ...rest, items: items.map((word) => ({ word })) };
    }
    case 'mesh':
      return named(await lookups.meshes(), typed, 8);
    case 'store':
      return named(await lookups.stores(meant), typed, 8);
    case 'member':
      return named(await lookups.members(meant), typed, 8);
    case 'command':
      return commandsOf([...(value?.before ?? [])], typed, table);
    case 'file':
    case 'directory':
      return paths(await lookups.files(typed, completes === 'file' ? 'all' : 'directories'), '');
    case 'value':
      return typed.startsWith('@') ? paths(await lookups.files(typed.slice(1), 'all'), '@') : none;
    default:
      return {
        items: completes.filter((word) => word.startsWith(typed)).map((word) => ({ word })),
        more: false,
      };
  }
}

function commandsOf(before: readonly string[], typed: string, table: CommandTable): Values {
  const place = placeOf(before, typed, table);
  return { items: place.names.filter(({ word }) => word.startsWith(typed)), more: false };
}

function paths({ items, more }: Found<string>, head: string): Values {
  return {
    more,
    items: items.map((path) => ({ word: head + path, ...(path.endsWith('/') ? { isOpen: true } : {}) })),
  };
}

/** Names are offered; ids where somebody began to type one, and for what has no name of its own. */
function named({ items, more }: Found<Named>, typed: string, digitsMin: number): Values {
  const candidates = items.flatMap(({ id, name }): Candidate[] => {
    const short = shortestOf(id, items, Math.max(digitsMin, typed.length));
    const isUnique = name !== '' && items.every((other) => other.id === id || other.name !== name);
    const byId = id.startsWith(typed) && (typed !== '' || !isUnique);
    return [
      ...(isUnique && name.startsWith(typed) ? [{ word: name, summary: short }] : []),
      ...(byId ? [{ word: short, ...(name === '' ? {} : { summary: name }) }] : []),
    ];
  });
  return { items: candidates, more };
}

/** As much of an id as tells it from the others. */
function shortestOf(id: string, all: readonly Named[], digitsMin: number): string {
  for (let digits = digitsMin; digits < id.length; digits++) {
    const short = id.slice(0, digits);
    if (all.every((other) => other.id === id || !other.id.startsWith(short))) return short;
  }
  return id;
}
