const escape = '\u001b';
/** What the tests type of what is two columns wide. */
const wide = /^[\u2e80-\u9fff]|\p{Emoji_Presentation}/u;
const characters = new Intl.Segmenter(undefined, { granularity: 'grapheme' });

/** A terminal as far as this program drives one: it wraps as they do, and understands what it is sent or fails. */
export class VirtualScreen {
  readonly #rows: string[][] = [[]];
  #row = 0;
  #column = 0;
  /** Set behind the last column, until more comes. */
  #wrapIsDue = false;

  /** Rows that the next one goes on. */
  readonly #wrapped = new Set<number>();

  constructor(private columns: number) {}

  /** Wraps what is there anew, as terminals do. */
  resize(columns: number): void {
    const old = this.#rows.splice(0).map((row, i) => ({ row, isWrapped: this.#wrapped.has(i) }));
    const cursor = [this.#row, this.#column] as const;
    this.#wrapped.clear();
    this.columns = columns;
    let at: readonly [number, number] = [0, 0];
    this.#go(0, 0);
    for (const [i, { row, isWrapped }] of old.entries()) {
      const cells = Array.from(row, (cell) => cell ?? ' ');
      for (const [column, cell] of cells.entries()) {
        if (i === cursor[0] && column === cursor[1]) at = this.#next();
        if (cell !== '') this.#put(cell);
      }
      if (i === cursor[0] && cursor[1] >= cells.length) at = this.#next();
      if (!isWrapped && i < old.length - 1) this.#put('\n');
    }
    this.#go(...at);
  }

  /** The rows, without what is blank at their ends. */
  get rows(): readonly string[] {
    const rows = this.#rows.map((row) =>
      Array.from(row, (cell) => cell ?? ' ')
        .join('')
        .trimEnd(),
    );
    while (rows.at(-1) === '' && rows.length - 1 > this.#row) rows.pop();
    return rows;
  }

  /** Counted from the first row and column. */
  get cursor(): readonly [row: number, column: number] {
    return [this.#row, this.#column];
  }

  write(text: string): void {
    const segments = characters.segment(text);
    for (let at = 0; at < text.length;) {
      // oxlint-disable-next-line no-control-regex -- control sequences begin with the escape character
      const sequence = /^\u001b\[(?<mode>\??)(?<count>\d*)(?<final>[A-Za-z])/.exec(text.slice(at));
      if (sequence?.groups) {
        this.#control(
          sequence.groups['final'] ?? '',
          sequence.groups['mode'] ?? '',
          Number(sequence.groups['count'] || 1),
        );
        at += sequence[0].length;
        continue;
      }
      const character = segments.containing(at)?.segment ?? '';
      if (character === escape) throw new Error(`not understood: ${JSON.stringify(text.slice(at, at + 8))}`);
      this.#put(character);
      at += character.length;
    }
  }

  #put(character: string): void {
    if (character === '\r') return this.#go(this.#row, 0);
    if (character === '\n' || character === '\r\n') return this.#go(this.#row + 1, 0);
    const width = wide.test(character) ? 2 : 1;
    if (this.#wrapIsDue || this.#column + width > this.columns) {
      this.#wrapped.add(this.#row);
      this.#go(this.#row + 1, 0);
    }
    const row = this.#rows[this.#row] ?? [];
    row[this.#column] = character;
    for (let i = 1; i < width; i++) row[this.#column + i] = '';
    this.#column += width;
    if (this.#column < this.columns) return;
    this.#column = this.columns - 1;
    this.#wrapIsDue = true;
  }

  /** Where the next character goes. */
  #next(): readonly [number, number] {
    return this.#wrapIsDue ? [this.#row + 1, 0] : [this.#row, this.#column];
  }

  #control(final: string, mode: string, count: number): void {
    if (mode === '?') return;
    if (final === 'A') this.#go(Math.max(0, this.#row - count), this.#column);
    else if (final === 'B') this.#go(this.#row + count, this.#column);
    else if (final === 'C') this.#go(this.#row, Math.min(this.columns - 1, this.#column + count));
    else if (final === 'H') this.#go(0, 0);
    else if (final === 'K') this.#rows[this.#row]?.splice(this.#column);
    else if (final === 'J') {
      this.#rows[this.#row]?.splice(this.#column);
      this.#rows.splice(this.#row + 1);
      for (const row of this.#wrapped) if (row >= this.#row) this.#wrapped.delete(row);
    } else if (final !== 'm') throw new Error(`not understood: CSI ${count}${final}`);
  }

  #go(row: number, column: number): void {
    while (this.#rows.length <= row) this.#rows.push([]);
    [this.#row, this.#column, this.#wrapIsDue] = [row, column, false];
  }
}
