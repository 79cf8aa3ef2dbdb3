import { type LineState, lineOf } from './line-state.js';

/** Goes through earlier lines, newest first, while one line is typed; what was typed before that is kept. */
export class HistoryWalk {
  #at = -1;
  #typed: LineState | undefined;

  constructor(private readonly entries: readonly string[]) {}

  /** The next older line that begins with what stood before the cursor when this began; `undefined` where there is none. */
  older(line: LineState): LineState | undefined {
    this.#typed ??= line;
    const start = this.#typed.text.slice(0, this.#typed.cursor);
    for (let at = this.#at + 1; at < this.entries.length; at++) {
      const entry = this.entries[at] ?? '';
      if (!entry.startsWith(start) || entry === line.text) continue;
      this.#at = at;
      return lineOf(entry);
    }
    return undefined;
  }

  newer(line: LineState): LineState | undefined {
    if (this.#typed === undefined || this.#at === -1) return undefined;
    const start = this.#typed.text.slice(0, this.#typed.cursor);
    for (let at = this.#at - 1; at >= 0; at--) {
      const entry = this.entries[at] ?? '';
      if (!entry.startsWith(start) || entry === line.text) continue;
      this.#at = at;
      return lineOf(entry);
    }
    this.#at = -1;
    return this.#typed;
  }

  /** What is typed now is new. */
  stop(): void {
    this.#at = -1;
    this.#typed = undefined;
  }
}

/** Looks for earlier lines that contain something, newest first: Ctrl-R. */
export class HistorySearch {
  wanted = '';
  #at = 0;

  constructor(
    private readonly entries: readonly string[],
    /** What was typed before, to go back to. */
    readonly typed: LineState,
  ) {}

  /** The line that is found, with the cursor at what was looked for; `undefined` where there is none. */
  get found(): LineState | undefined {
    const entry = this.entries[this.#at];
    if (this.wanted === '' || entry === undefined) return undefined;
    return { text: entry, cursor: entry.indexOf(this.wanted) };
  }

  look(wanted: string): void {
    this.wanted = wanted;
    this.#at = this.#next(0);
  }

  /** The next older one that differs; stays where there is none. */
  again(): void {
    const shownNow = this.entries[this.#at];
    const at = this.#next(this.#at + 1, shownNow);
    if (at < this.entries.length) this.#at = at;
  }

  #next(from: number, unlike?: string): number {
    let at = from;
    while (
      at < this.entries.length &&
      (this.entries[at] === unlike || !this.entries[at]?.includes(this.wanted))
    )
      at++;
    return at;
  }
}
