import stringWidth from 'string-width';
import { harmless } from '../../output/printable.js';
import { charactersOf, type LineState } from './line-state.js';

/** A prompt and what is typed after it, as it lies on a terminal. */
export interface Layout {
  /** To be written from the beginning of a row: wraps by itself, the cursor ends behind it. */
  readonly content: string;
  /** Where the cursor belongs, and where it is when all is written; counted from the first row and column. */
  readonly cursor: Place;
  readonly end: Place;
}

export interface Place {
  readonly row: number;
  readonly column: number;
}

export interface Prompts {
  readonly first: string;
  /** Before every further line of a text of several. */
  readonly next: string;
}

/**
 * Lays out a line. What is invisible is spelled out, so that every character is as wide as it is counted here.
 */
export function layout({ first, next }: Prompts, { text, cursor }: LineState, columns: number): Layout {
  const pen = new Pen(Math.max(1, columns));
  for (const character of charactersOf(first)) pen.write(character);
  let cursorAt = pen.at;
  let index = 0;
  for (const character of charactersOf(text)) {
    if (index <= cursor) cursorAt = pen.at;
    index += character.length;
    if (character === '\n' || character === '\r\n') {
      pen.breakLine();
      for (const one of charactersOf(next)) pen.write(one);
    } else for (const one of charactersOf(shown(character))) pen.write(one);
  }
  if (index <= cursor) cursorAt = pen.at;
  return { content: pen.content, cursor: cursorAt, end: pen.at };
}

/** As a character of what is typed shows; a tab has no width of its own, as it stands within quotes and not in a column. */
export function shown(character: string): string {
  return character === '\t' ? '    ' : harmless(character);
}

/** Follows the cursor of a terminal that wraps. */
class Pen {
  content = '';
  #row = 0;
  #column = 0;

  constructor(private readonly columns: number) {}

  get at(): Place {
    return { row: this.#row, column: this.#column };
  }

  write(character: string): void {
    const width = stringWidth(character);
    if (this.#column + width > this.columns && this.#column > 0) this.#wrap();
    this.content += character;
    this.#column += width;
    // A terminal stays in the last column until more comes: a space and a return take it to the next row now.
    if (this.#column >= this.columns) {
      this.content += ' \r';
      this.#wrap();
    }
  }

  breakLine(): void {
    this.content += '\r\n';
    this.#wrap();
  }

  #wrap(): void {
    this.#row++;
    this.#column = 0;
  }
}
