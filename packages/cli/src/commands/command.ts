import type { CommandContext } from './command-context.js';

/** A word after the command. Those that may be left out come last. */
export interface Argument {
  readonly name: string;
  readonly summary: string;
  readonly optional?: true;
  readonly completes?: Completes;
  /** Whoever sees it can misuse it: no history keeps a line with it. */
  readonly secret?: true;
}

/**
 * What stands in a place, so that Tab knows what to offer: one of some words, or something of a kind. A `value` can be
 * anything, but after an @ it is a file.
 */
export type Completes =
  readonly string[] | 'key' | 'store' | 'mesh' | 'member' | 'file' | 'directory' | 'command' | 'value';

/** With `value` (what help calls it) it takes one; without, it is a switch. */
export interface Option {
  readonly name: string;
  readonly short?: string;
  readonly value?: string;
  readonly summary: string;
  /** What its value is. */
  readonly completes?: Completes;
}

export interface Example {
  /** What one types, without the program's name. */
  readonly line: string;
  readonly says: string;
}

/** All there is to know of a command: it is run, parsed, explained and completed from this. */
export interface Command {
  readonly path: readonly string[];
  readonly group: Group;
  /** One line, for lists of commands. */
  readonly summary: string;
  /** What else there is to know, in sentences. */
  readonly details?: string;
  readonly args: readonly Argument[];
  readonly options: readonly Option[];
  readonly examples: readonly Example[];
  /** What it prints with --json. */
  readonly json: string;
  /** Whether it starts the network first, where this process runs the node; or the options that make it do so. */
  readonly needsNetwork: boolean | readonly string[];
  /** Whether it makes a node where there is none. What only looks, or changes what is there, would answer from an empty one for a mistyped --data-dir. */
  readonly beginsNode: boolean;
  /** Whether the node's warnings are part of what it prints: they are not told beside it as well. */
  readonly printsWarnings: boolean;
  /** Whether it can change which mesh and store are selected, or what they are called: the shell's prompt shows that. */
  readonly changesSelection: boolean;
  /** Resolves with an exit status other than 0 where it has told all there is to tell itself. */
  run(input: Input, context: CommandContext): Promise<number | void>;
}

export type Group = 'Node' | 'Meshes' | 'Stores' | 'Keys and values' | 'Logs' | 'Shell';

/** What was typed for a command's arguments and options. */
export interface Input {
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly options: Readonly<Record<string, string | true | undefined>>;
}

type Names<Items extends readonly { readonly name: string }[]> = Items[number]['name'];
type OptionalNames<Args extends readonly Argument[]> = Names<
  Extract<Args[number], { readonly optional: true }>[]
>;
type SwitchNames<Options extends readonly Option[]> = Exclude<
  Names<Options>,
  Extract<Options[number], { readonly value: string }>['name']
>;

/** `Input`, with the names that the command declares. */
interface InputOf<Args extends readonly Argument[], Options extends readonly Option[]> {
  readonly args: Readonly<
    Record<Exclude<Names<Args>, OptionalNames<Args>>, string> &
      Record<OptionalNames<Args>, string | undefined>
  >;
  readonly options: Readonly<
    Record<SwitchNames<Options>, true | undefined> &
      Record<Exclude<Names<Options>, SwitchNames<Options>>, string | undefined>
  >;
}

interface CommandSpec<Args extends readonly Argument[], Options extends readonly Option[]> extends Omit<
  Command,
  'path' | 'args' | 'options' | 'needsNetwork' | 'beginsNode' | 'printsWarnings' | 'changesSelection' | 'run'
> {
  /** The words that name it, as one types them. */
  readonly path: string;
  readonly args?: Args;
  readonly options?: Options;
  readonly needsNetwork?: boolean | readonly string[];
  readonly beginsNode?: boolean;
  readonly printsWarnings?: boolean;
  readonly changesSelection?: boolean;
  run(input: InputOf<Args, Options>, context: CommandContext): Promise<number | void>;
}

/** A row of the table. `run` sees exactly the arguments and options that are declared beside it. */
export function command<
  const Args extends readonly Argument[] = [],
  const Options extends readonly Option[] = [],
>(spec: CommandSpec<Args, Options>): Command {
  return {
    ...spec,
    path: spec.path.split(' '),
    args: spec.args ?? [],
    options: spec.options ?? [],
    needsNetwork: spec.needsNetwork ?? false,
    beginsNode: spec.beginsNode ?? false,
    printsWarnings: spec.printsWarnings ?? false,
    changesSelection: spec.changesSelection ?? false,
    // The parser fills in exactly what is declared: that is what it is tested for.
    run: (input, context) => spec.run(input as InputOf<Args, Options>, context),
  };
}
