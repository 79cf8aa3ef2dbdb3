import { usageError } from '../usage-error.js';
import { characterOf } from './word-bytes.js';

/**
 * A word as it was typed. One that begins with a quoted hyphen is `literal`: never an option, also where it looks like one.
 */
export type Token = string | { readonly literal: string };

/** A word and where in the line it begins. */
export interface ScannedWord {
  readonly text: string;
  readonly start: number;
  readonly isLiteral: boolean;
}

/** What a line says so far. */
export interface ScannedLine {
  readonly words: readonly ScannedWord[];
  /** What is not closed at its end, if anything: the line goes on. */
  readonly open: Open | undefined;
  /** Whether it ends in a comment. */
  readonly isComment: boolean;
}

export type Open = 'single quote' | 'double quote' | 'escape' | 'backslash';

const unclosed: Readonly<Record<Open, string>> = {
  'single quote': "A ' has no other ' that closes it",
  'double quote': 'A " has no other " that closes it',
  escape: 'A \\u{ or \\x is not complete',
  backslash: 'A backslash at the end of the line escapes nothing',
};

/** What a backslash makes of a character between double quotes; every other character stands for itself. */
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0' };

/**
 * The words of a line of the shell. 'single quotes' take all literally; "double quotes" know \n, \r, \t, \0, \u{hex}, \xNN
 * (a byte) and a backslash before any other character; outside of quotes a backslash takes the next character literally.
 * As in sh, a backslash at the end of a line joins it with the next. # at the beginning of a word starts a comment. This
 * reads back whatever `quoted` prints.
 */
export function splitLine(line: string): Token[] {
  const { words, open } = scanLine(line);
  if (open !== undefined)
    throw usageError(`${unclosed[open]}: add it, or put a backslash before what is meant literally.`);
  return words.map(({ text, isLiteral }) => (isLiteral && text.startsWith('-') ? { literal: text } : text));
}

export function textOf(token: Token): string {
  return typeof token === 'string' ? token : token.literal;
}

/** The same for a line that may not be complete. Throws a usage error for an escape that cannot be. */
export function scanLine(line: string): ScannedLine {
  const words: ScannedWord[] = [];
  const rest = new CharacterReader(line);
  for (;;) {
    rest.skipSpace();
    if (rest.atEnd) return { words, open: undefined, isComment: false };
    if (rest.peek === '#') return { words, open: undefined, isComment: true };
    const start = rest.at;
    const isLiteral = rest.peek === '"' || rest.peek === "'" || rest.peek === '\\';
    const { text, open } = readWord(rest);
    words.push({ text, start, isLiteral });
    if (open !== undefined) return { words, open, isComment: false };
  }
}

interface Read {
  readonly text: string;
  readonly open?: Open;
}

function readWord(rest: CharacterReader): Read {
  let word = '';
  while (!rest.atEnd && !isSpace(rest.peek)) {
    const character = rest.next();
    const { text, open }: Read =
      character === "'"
        ? readSingleQuoted(rest)
        : character === '"'
          ? readDoubleQuoted(rest)
          : character === '\\'
            ? readBackslash(rest)
            : { text: character };
    word += text;
    if (open !== undefined) return { text: word, open };
  }
  return { text: word };
}

function readBackslash(rest: CharacterReader): Read {
  if (rest.atEnd) return { text: '', open: 'backslash' };
  const character = rest.next();
  return { text: character === '\n' ? '' : character };
}

function readSingleQuoted(rest: CharacterReader): Read {
  let text = '';
  while (!rest.atEnd) {
    const character = rest.next();
    if (character === "'") return { text };
    text += character;
  }
  return { text, open: 'single quote' };
}

function readDoubleQuoted(rest: CharacterReader): Read {
  let text = '';
  while (!rest.atEnd) {
    const character = rest.next();
    if (character === '"') return { text };
    if (character !== '\\') {
      text += character;
      continue;
    }
    if (rest.atEnd) break;
    const escape = readEscape(rest, rest.next());
    if (escape === undefined) return { text, open: 'escape' };
    text += escape;
  }
  return { text, open: 'double quote' };
}

/** `undefined` where the line ends within it. */
function readEscape(rest: CharacterReader, letter: string): string | undefined {
  if (letter === '\n') return '';
  if (letter === 'x') return readByte(rest);
  if (letter === 'u' && rest.peek === '{') return readCodePoint(rest);
  return escapes[letter] ?? letter;
}

function readByte(rest: CharacterReader): string | undefined {
  let digits = '';
  while (digits.length < 2) {
    if (rest.atEnd) return undefined;
    digits += rest.next();
  }
  if (!/^[0-9a-f]{2}$/i.test(digits))
    throw usageError(`\\x${digits} is no byte: write two hexadecimal digits.`);
  return characterOf(Number.parseInt(digits, 16));
}

function readCodePoint(rest: CharacterReader): string | undefined {
  rest.next();
  let digits = '';
  for (;;) {
    if (rest.atEnd) return undefined;
    const character = rest.next();
    if (character === '}') break;
    digits += character;
  }
  const codePoint = /^[0-9a-f]{1,6}$/i.test(digits) ? Number.parseInt(digits, 16) : Infinity;
  const isSurrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  if (codePoint > 0x10ffff || isSurrogate)
    throw usageError(`\\u{${digits}} is no character: write its number in hexadecimal.`);
  return String.fromCodePoint(codePoint);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

class CharacterReader {
  #at = 0;

  constructor(private readonly text: string) {}

  get at(): number {
    return this.#at;
  }

  get atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  get peek(): string | undefined {
    return this.text[this.#at];
  }

  next(): string {
    return this.text[this.#at++] ?? '';
  }

  skipSpace(): void {
    for (;;) {
      // A line that a backslash joins with the next.
      if (this.peek === '\\' && this.text[this.#at + 1] === '\n') this.#at += 2;
      else if (isSpace(this.peek)) this.#at++;
      else return;
    }
  }
}
