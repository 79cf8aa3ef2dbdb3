import type { OutputStream } from '../../surroundings.js';
import { type Layout, layout, type Prompts, shown } from './layout.js';
import { charactersOf, type LineState } from './line-state.js';

/** ECMA-48: erase from the cursor to the end of the screen; of the row. */
const eraseBelow = '\u001b[J';
const eraseRow = '\u001b[K';
/** What is pasted then comes between two keys of its own, which is how a line break in it is told from Enter. */
const pastesMarked = '\u001b[?2004h';
const pastesUnmarked = '\u001b[?2004l';

/**
 * Shows the line that is typed on a terminal, and other text above it. A terminal that cannot move its cursor (TERM=dumb)
 * gets what is added at the end, and for all else the line anew.
 */
export class Screen {
  #shown: { readonly prompts: Prompts; readonly line: LineState } | undefined;

  constructor(
    private readonly terminal: OutputStream,
    private readonly isDumb: boolean,
  ) {}

  /** Shows the line in the place of what was shown of it before. */
  draw(prompts: Prompts, line: LineState): void {
    const before = this.#shown;
    this.#shown = { prompts, line };
    const added = before && before.prompts.first === prompts.first ? appended(before.line, line) : undefined;
    if (before !== undefined && added === '') return;
    if (this.isDumb) {
      const whole = `${before === undefined ? '' : '\n'}${prompts.first}${line.text}`;
      this.terminal.write(added ?? whole);
      return;
    }
    const next = this.#layout(prompts, line);
    if (before === undefined) this.terminal.write(pastesMarked + painted(next));
    else if (added !== undefined && this.#isSameRow(before, next)) this.terminal.write(added);
    else this.terminal.write(this.#toStart(before) + painted(next));
  }

  /** Writes text above the line, which stays as it is. */
  showAbove(text: string): void {
    const before = this.#shown;
    if (this.isDumb) {
      const line = before === undefined ? '' : before.prompts.first + before.line.text;
      this.terminal.write(`${before === undefined ? '' : '\n'}${text}\n${line}`);
      return;
    }
    const start = before === undefined ? `\r${eraseRow}` : this.#toStart(before);
    const after = before === undefined ? '' : painted(this.#layout(before.prompts, before.line));
    this.terminal.write(`${start}${text}\n${after}`);
  }

  /** Leaves the line as it is, but for a mark at its end, and goes below it: what is written now follows. */
  leave(mark: string): void {
    if (this.#shown === undefined) return;
    const { prompts, line } = this.#shown;
    if (!this.isDumb) {
      const { cursor, end } = this.#layout(prompts, line);
      const toEnd = end.row === cursor.row ? '' : `${moved(end.row - cursor.row)}\r${right(end.column)}`;
      this.terminal.write(`${toEnd}${mark}\r\n${pastesUnmarked}`);
    } else this.terminal.write(`${mark}\n`);
    this.#shown = undefined;
  }

  /**
   * Shows the line anew after the terminal changed its width, or somebody else wrote to it. Terminals wrap what is there
   * to the new width, so that the layout for that says where the cursor is.
   */
  redraw(): void {
    const shownBefore = this.#shown;
    if (shownBefore === undefined || this.isDumb) return;
    const { prompts, line } = shownBefore;
    this.terminal.write(this.#toStart(shownBefore) + painted(this.#layout(prompts, line)));
  }

  /** Clears the screen, and shows the line at its top. */
  clear(): void {
    if (this.#shown === undefined || this.isDumb) return;
    const { prompts, line } = this.#shown;
    this.terminal.write(`\u001b[H${eraseBelow}${painted(this.#layout(prompts, line))}`);
  }

  /** Somebody else has the terminal for a while. */
  giveBack(): void {
    if (this.#shown !== undefined && !this.isDumb) this.terminal.write(pastesUnmarked);
  }

  /** Shows the line on a row of its own: where the cursor is, nobody knows. */
  restart(): void {
    const before = this.#shown;
    if (before === undefined) return;
    this.#shown = undefined;
    this.terminal.write('\r');
    this.draw(before.prompts, before.line);
  }

  #layout(prompts: Prompts, line: LineState): Layout {
    // A terminal that does not know its size says 0.
    const { columns = 0 } = this.terminal;
    return layout(prompts, line, columns > 0 ? columns : 80);
  }

  /** Takes the cursor to where the prompt begins, and erases what follows. */
  #toStart({ prompts, line }: { readonly prompts: Prompts; readonly line: LineState }): string {
    return `${moved(-this.#layout(prompts, line).cursor.row)}\r${eraseBelow}`;
  }

  #isSameRow(before: { readonly prompts: Prompts; readonly line: LineState }, next: Layout): boolean {
    return this.#layout(before.prompts, before.line).end.row === next.end.row;
  }
}

/** The content, with the cursor where it belongs. */
function painted({ content, cursor, end }: Layout): string {
  if (cursor.row === end.row && cursor.column === end.column) return content;
  return `${content}${moved(cursor.row - end.row)}\r${right(cursor.column)}`;
}

function right(columns: number): string {
  return columns === 0 ? '' : `\u001b[${columns}C`;
}

/** Rows down; up where there are less than none. */
function moved(rows: number): string {
  if (rows === 0) return '';
  return rows < 0 ? `\u001b[${-rows}A` : `\u001b[${rows}B`;
}

/** What was added at the end of a line, with the cursor there both times; `undefined` where more than that happened. */
function appended(before: LineState, after: LineState): string | undefined {
  const isAtEnd = before.cursor === before.text.length && after.cursor === after.text.length;
  if (before.text === after.text) return before.cursor === after.cursor ? '' : undefined;
  const added = after.text.slice(before.text.length);
  // What joins with the character before it is drawn with that.
  const isOwn = /^[ -~]+$/.test(added);
  if (!isAtEnd || !isOwn || !after.text.startsWith(before.text)) return undefined;
  return [...charactersOf(added)].map(shown).join('');
}
