import type { Surroundings } from '../surroundings.js';

/** What a piece of output is, rather than how it looks. */
export type Role = keyof typeof looks;

/** Parameters of ECMA-48's SGR (select graphic rendition): on, and off again. */
const looks = {
  heading: [1, 22],
  faint: [2, 22],
  good: [32, 39],
  warning: [33, 39],
  bad: [31, 39],
  /** What one may type. */
  code: [36, 39],
} as const;

/** Colours that are told apart on dark and light screens, for authors in order of appearance. */
const authorColours = [36, 35, 33, 32, 34, 31] as const;

/** Colours text for a terminal; leaves it alone for all else. What is told by colour is told by words, too. */
export class Paint {
  constructor(readonly isOn: boolean) {}

  as(role: Role, text: string): string {
    const [on, off] = looks[role];
    return this.#wrapped(on, text, off);
  }

  /** The n-th author's colour. */
  author(n: number, text: string): string {
    return this.#wrapped(authorColours[n % authorColours.length] ?? 39, text, 39);
  }

  #wrapped(on: number, text: string, off: number): string {
    return this.isOn && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  }
}

/** Whether to colour what goes to a stream: on terminals that can, unless NO_COLOR (no-color.org) is set to anything. */
export function wantsColour(isTerminal: boolean, { env }: Pick<Surroundings, 'env'>): boolean {
  const isRefused = env.NO_COLOR !== undefined && env.NO_COLOR !== '';
  return isTerminal && !isRefused && env.TERM !== 'dumb';
}
