import { commands } from './commands/table.js';
import type { Command } from './commands/command.js';
import type { Ask } from './commands/command-context.js';
import { findCommand, inputOf } from './line/find-command.js';
import {
  type GlobalOptions,
  globalOptions,
  questionOptions,
  readGlobalOptions,
} from './line/global-options.js';
import { readWords, type Words } from './line/read-words.js';
import type { Token } from './line/split-line.js';
import { Output } from './output/output.js';
import type { Writer } from './output/writer.js';
import type { Surroundings } from './surroundings.js';
import type { LatticeClient } from '@lattice/api';
import { version } from './version.js';

const knownOptions = [...globalOptions, ...questionOptions, ...commands.flatMap(({ options }) => options)];

/** A line of words, understood as far as that needs no node. */
export interface ParsedLine {
  readonly words: Words;
  readonly global: GlobalOptions;
}

/** Where and how lines run. */
export interface Execution {
  readonly surroundings: Surroundings;
  readonly stdout: Writer;
  readonly stderr: Writer;
  /** `beginsNode`: as the command's. */
  readonly node: (options: Pick<Command, 'beginsNode'>) => Promise<LatticeClient>;
  readonly signal: AbortSignal;
  readonly asker: () => Ask | undefined;
  readonly shell?: { leave(): void };
}

/** Throws a usage error for options that do not exist, or cannot have that value. */
export function parseTokens(tokens: readonly Token[], surroundings: Surroundings): ParsedLine {
  const words = readWords(tokens, knownOptions);
  return { words, global: readGlobalOptions(words.options, surroundings) };
}

/** The command that a line runs. A question, such as --help, runs one too. */
export function commandOf({ words }: ParsedLine): { readonly command: Command; readonly words: Words } {
  const { options } = words;
  const isQuestion = options.has('help') || options.has('version');
  if (!isQuestion) return { command: findCommand(words.words, commands), words };
  const asked = options.has('help') ? explainable(words.words) : [];
  return {
    command: findCommand(['help'], commands),
    words: { words: ['help', ...asked], options: new Map() },
  };
}

/** Runs one line. Resolves with the exit status; rejects with whatever went wrong. */
export async function execute(line: ParsedLine, execution: Execution): Promise<number> {
  const { surroundings, stdout, stderr, node, signal, asker, shell } = execution;
  const output = new Output(stdout, stderr, line.global.json);
  if (line.words.options.has('version')) {
    await output.result({ json: { version }, text: `lattice ${version}` });
    return 0;
  }
  const { command, words } = commandOf(line);
  const status = await command.run(inputOf(command, words, isGlobal), {
    node: () => node(command),
    target: { mesh: line.global.mesh, store: line.global.store },
    output,
    signal,
    global: line.global,
    surroundings,
    asker,
    ...(shell === undefined ? {} : { shell }),
  });
  return status ?? 0;
}

/** `put a b --help` asks about `put`: its arguments are left out. */
function explainable(words: readonly string[]): readonly string[] {
  const longest = commands
    .map(({ path }) =>
      path.filter(
        (word, i) => path.slice(0, i + 1).every((_, j) => path[j] === words[j]) && word === words[i],
      ),
    )
    .reduce((best, path) => (path.length > best.length ? path : best), [] as readonly string[]);
  return longest.length > 0 ? longest : words.slice(0, 2);
}

function isGlobal(option: string): boolean {
  return globalOptions.some(({ name }) => name === option);
}
