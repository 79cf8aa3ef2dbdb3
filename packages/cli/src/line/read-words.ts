import type { Option } from '../commands/command.js';
import { usageError } from '../usage-error.js';
import { nearest } from './nearest.js';
import { textOf, type Token } from './split-line.js';

/** A line taken apart, before anybody knows which command it is. */
export interface Words {
  readonly words: readonly string[];
  /** By name; a switch is `true`. */
  readonly options: ReadonlyMap<string, string | true>;
}

/**
 * Tells options from words. Options may stand anywhere, `--name value` or `--name=value`; `--` ends them, and a single
 * `-` and negative numbers are words. Which options take a value must not depend on the command, which may come later.
 */
export function readWords(tokens: readonly Token[], known: readonly Option[]): Words {
  const words: string[] = [];
  const options = new Map<string, string | true>();
  const rest = [...tokens];
  for (let token = rest.shift(); token !== undefined; token = rest.shift()) {
    if (token === '--') return { words: [...words, ...rest.map(textOf)], options };
    if (!looksLikeOption(token)) {
      words.push(textOf(token));
      continue;
    }
    const { typed, attached } = splitAttached(token);
    const option = find(typed, known);
    options.set(option.name, valueOf(option, typed, attached, rest));
  }
  return { words, options };
}

export function looksLikeOption(token: Token): token is string {
  return typeof token === 'string' && /^--.|^-[a-z]/i.test(token);
}

function splitAttached(token: string): { readonly typed: string; readonly attached?: string } {
  const equals = token.indexOf('=');
  return equals === -1
    ? { typed: token }
    : { typed: token.slice(0, equals), attached: token.slice(equals + 1) };
}

function find(typed: string, known: readonly Option[]): Option {
  const found = known.find(
    ({ name, short }) => typed === `--${name}` || (short !== undefined && typed === `-${short}`),
  );
  if (found !== undefined) return found;
  const close = nearest(
    typed,
    known.map(({ name }) => `--${name}`),
  );
  throw usageError(
    close === undefined
      ? `There is no option ${typed}: see \`help\`, or put \`--\` before words that begin with a hyphen.`
      : `There is no option ${typed}: did you mean ${close}?`,
  );
}

function valueOf(option: Option, typed: string, attached: string | undefined, rest: Token[]): string | true {
  if (option.value === undefined) {
    if (attached !== undefined) throw usageError(`${typed} takes no value: leave out "=${attached}".`);
    return true;
  }
  if (attached !== undefined) return attached;
  const next = rest[0];
  if (next === undefined || next === '--' || looksLikeOption(next))
    throw usageError(`${typed} needs a value: ${typed} <${option.value}>.`);
  rest.shift();
  return textOf(next);
}
