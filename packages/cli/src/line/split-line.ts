import { usageError } from '../usage-error.js';

/** What a backslash makes of a character between double quotes; every other character stands for itself. */
const escapes: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', 0: '\0' };

/**
 * The words of a line of the shell. 'single quotes' take all literally; "double quotes" know \n, \r, \t, \0, \u{hex} and
 * a backslash before any other character; outside of quotes a backslash takes the next character literally. # at the
 * beginning of a word starts a comment. This reads back whatever `quoted` prints.
 */
export function splitLine(line: string): string[] {
  const words: string[] = [];
  const rest = new CharacterReader(line);
  for (;;) {
    rest.skipSpace();
    if (rest.atEnd || rest.peek === '#') return words;
    words.push(readWord(rest));
  }
}

function readWord(rest: CharacterReader): string {
  let word = '';
  while (!rest.atEnd && !isSpace(rest.peek)) {
    const character = rest.next();
    if (character === "'") word += readSingleQuoted(rest);
    else if (character === '"') word += readDoubleQuoted(rest);
    else if (character === '\\') word += rest.nextOr('A backslash at the end of the line escapes nothing');
    else word += character;
  }
  return word;
}

function readSingleQuoted(rest: CharacterReader): string {
  let text = '';
  for (;;) {
    const character = rest.nextOr("A ' has no other ' that closes it");
    if (character === "'") return text;
    text += character;
  }
}

function readDoubleQuoted(rest: CharacterReader): string {
  const unclosed = 'A " has no other " that closes it';
  let text = '';
  for (;;) {
    const character = rest.nextOr(unclosed);
    if (character === '"') return text;
    text += character === '\\' ? readEscape(rest, rest.nextOr(unclosed)) : character;
  }
}

function readEscape(rest: CharacterReader, letter: string): string {
  if (letter !== 'u' || rest.peek !== '{') return escapes[letter] ?? letter;
  rest.next();
  let digits = '';
  for (;;) {
    const character = rest.nextOr('A \\u{ has no } that closes it');
    if (character === '}') break;
    digits += character;
  }
  const codePoint = /^[0-9a-f]{1,6}$/i.test(digits) ? Number.parseInt(digits, 16) : Infinity;
  if (codePoint > 0x10ffff)
    throw usageError(`\\u{${digits}} is no character: write its number in hexadecimal.`);
  return String.fromCodePoint(codePoint);
}

function isSpace(character: string | undefined): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

class CharacterReader {
  #at = 0;

  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  get peek(): string | undefined {
    return this.text[this.#at];
  }

  next(): string {
    return this.text[this.#at++] ?? '';
  }

  /** Refuses the line where there is no next character. */
  nextOr(problem: string): string {
    if (this.atEnd)
      throw usageError(`${problem}: add it, or put a backslash before what is meant literally.`);
    return this.next();
  }

  skipSpace(): void {
    while (isSpace(this.peek)) this.#at++;
  }
}
