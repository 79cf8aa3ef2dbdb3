import { type ParsedLine, parseTokens } from '../interpreter.js';
import type { GlobalOptions } from '../line/global-options.js';
import type { Token } from '../line/split-line.js';
import type { Surroundings } from '../surroundings.js';
import { usageError } from '../usage-error.js';

/** Options that decide about the process, which runs already. */
export const ofTheStart: readonly string[] = ['data-dir', 'bind', 'relay', 'lan', 'log-level'];

/** A line typed into the shell; `undefined` for one without words. What the shell was started with holds for every line. */
export function parseShellLine(
  tokens: readonly Token[],
  start: GlobalOptions,
  surroundings: Surroundings,
): ParsedLine | undefined {
  if (tokens.length === 0) return undefined;
  const { words, global } = parseTokens(tokens, surroundings);
  for (const name of ofTheStart) {
    if (words.options.has(name))
      throw usageError(
        `--${name} cannot change while the shell runs: leave it and start it with the option.`,
      );
  }
  return {
    words,
    global: {
      ...start,
      mesh: words.options.has('mesh') ? global.mesh : start.mesh,
      store: words.options.has('store') ? global.store : start.store,
      json: start.json || global.json,
    },
  };
}
