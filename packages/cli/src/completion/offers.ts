import { fromUtf8, utf8 } from '@lattice/model';
import { commands } from '../commands/table.js';
import type { Command } from '../commands/command.js';
import { globalOptions, questionOptions } from '../line/global-options.js';
import { readWords } from '../line/read-words.js';
import type { RunningNode } from './print-words.js';

/** A word that can stand where the cursor is. */
export interface Candidate {
  readonly word: string;
  /** What it means, where that does not go without saying. */
  readonly summary?: string;
}

const keysMax = 100;

/** What `current` can become, given the words before it. `head` stands before each of the items in the same word. */
export async function offersFor(
  before: readonly string[],
  current: string,
  node: RunningNode,
): Promise<{ readonly head: string; readonly items: readonly Candidate[] }> {
  const { words } = readWords(before, [
    ...globalOptions,
    ...questionOptions,
    ...commands.flatMap(({ options }) => options),
  ]);
  const command = commands.find(({ path }) => path.every((word, i) => word === words[i]));
  const all = current.startsWith('-')
    ? optionsOf(command)
    : command === undefined
      ? namesAfter(words)
      : await argumentsOf(command, words, current, node);
  return { head: '', items: all.filter(({ word }) => word.startsWith(current)) };
}

function optionsOf(command: Command | undefined): Candidate[] {
  return [...(command?.options ?? []), ...globalOptions, ...questionOptions].map(({ name, summary }) => ({
    word: `--${name}`,
    summary,
  }));
}

function namesAfter(words: readonly string[]): Candidate[] {
  const names = new Map<string, Candidate>();
  for (const { path, summary } of commands) {
    const word = path[words.length];
    if (word === undefined || !words.every((one, i) => one === path[i]) || names.has(word)) continue;
    names.set(word, path.length === words.length + 1 ? { word, summary } : { word });
  }
  return [...names.values()];
}

async function argumentsOf(
  command: Command,
  words: readonly string[],
  current: string,
  node: RunningNode,
): Promise<Candidate[]> {
  const argument = command.args[words.length - command.path.length]?.name;
  if (command.path[0] === 'help') return namesAfter(words.slice(1));
  if (argument !== 'key' && argument !== 'prefix') return [];
  const client = await node.client();
  const target = node.target();
  const request = { target, prefix: utf8(current), limit: BigInt(keysMax), keysOnly: true };
  const keys: Candidate[] = [];
  for await (const { items } of client.list(request, { signal: node.signal }))
    keys.push(...items.flatMap(({ key }) => fromUtf8(key) ?? []).map((word) => ({ word })));
  return keys;
}
