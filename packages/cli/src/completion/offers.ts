import { commands } from '../commands/table.js';
import { globalOptions, questionOptions } from '../line/global-options.js';
import type { Surroundings } from '../surroundings.js';
import { type Candidates, candidatesFor } from './candidates.js';
import { nodeLookups } from './node-lookups.js';
import type { RunningNode } from './print-words.js';
import { startingFrom } from './starting-from.js';

/** Whoever calls has a limit of its own, which begins when the program is loaded; this one is for what ignores it. */
const patienceMs = 5_000;

/** What `current` can become in another shell, given the words before it. */
export async function offersFor(
  before: readonly string[],
  current: string,
  node: RunningNode,
  surroundings: Surroundings,
): Promise<Candidates> {
  const lookups = nodeLookups(() => node.client(), { surroundings, signal: node.signal, patienceMs });
  const table = { commands, globalOptions, questionOptions };
  return candidatesFor(before, current, table, startingFrom(node.target(), lookups));
}
