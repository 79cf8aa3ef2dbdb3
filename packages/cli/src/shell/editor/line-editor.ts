import type { Surroundings } from '../../surroundings.js';
import { Editing } from './editing.js';
import { HistorySearch, HistoryWalk } from './history-walk.js';
import { Keyboard } from './keyboard.js';
import { type Action, actionOf, type Key, pastedBy, typedBy } from './keys.js';
import type { Prompts } from './layout.js';
import { emptyLine, lineDown, lineOf, type LineState, lineUp } from './line-state.js';
import { Screen } from './screen.js';

/** What Tab found. */
export interface Completed {
  /** The end of what stands before the cursor, and what takes its place. */
  readonly replaced: string;
  readonly text: string;
  /** Whether that ends the word. */
  readonly isWhole: boolean;
  /** What there is to choose from, as lines to show; empty: nothing. */
  readonly choices: string;
}

export interface LineEditorOptions {
  readonly surroundings: Surroundings;
  /** Earlier lines, the newest first. */
  readonly history: readonly string[];
  /** Whether Enter ends the text: if not, it begins another line of it. */
  readonly isComplete: (text: string) => boolean;
  /** `signal` is aborted when nobody wants to know any more. */
  readonly complete: (beforeCursor: string, signal: AbortSignal) => Promise<Completed>;
  /** Ctrl-C while nothing is read. */
  readonly onInterrupt: () => void;
  /** The terminal went away. */
  readonly onGone: () => void;
}

export type ReadResult =
  | { readonly kind: 'line'; readonly text: string }
  /** Ctrl-C; `wasEmpty` where nothing was typed. */
  | { readonly kind: 'interrupted'; readonly wasEmpty: boolean }
  /** Ctrl-D on an empty line, or a terminal that went away. */
  | { readonly kind: 'end' };

/** What is typed while nothing is read waits for the next line, up to so many keys. */
const keysMax = 100_000;

/** A line holds no more. */
const charsMax = 64 * 1024;

/** How long a process that was not stopped by its own wish waits before it takes the terminal back. */
const suspendMs = 100;

/** Reads what somebody types at a terminal, line by line, with the keys of other shells. */
export class LineEditor implements Disposable {
  readonly #screen: Screen;
  readonly #keyboard: Keyboard;
  readonly #offContinue: () => void;
  /** Typed and not looked at yet. */
  readonly #keys: Key[] = [];
  #reading: Reading | undefined;
  /** Whether keys come from a paste, where Ctrl-C means nothing. */
  #isPasting = false;
  #drawIsDue = false;
  #isEnded = false;

  constructor(private readonly options: LineEditorOptions) {
    const { stdin, stdout, env, onContinue } = options.surroundings;
    this.#screen = new Screen(stdout, env.TERM === 'dumb');
    this.#keyboard = new Keyboard(stdin, {
      onKey: (key) => this.#onKey(key),
      onEnd: () => {
        if (this.#isEnded) return;
        this.end();
        options.onGone();
      },
    });
    this.#offContinue = onContinue(() => this.#takeOver());
    stdout.on('resize', this.#onResize);
  }

  /** Shows the prompt, and resolves with what is typed. */
  read(prompts: Prompts): Promise<ReadResult> {
    if (this.#isEnded && this.#keys.length === 0) return Promise.resolve({ kind: 'end' });
    return new Promise((resolve) => {
      this.#begin(new Reading(prompts, this.options.history, 'line', resolve));
    });
  }

  /**
   * Shows a question and resolves with what is typed from now on: what was typed ahead was not meant for it, and waits. It
   * is `undefined` where there is no answer. Ctrl-C interrupts whoever asks, too, and drops what was typed ahead.
   */
  async ask(question: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#isEnded || signal.aborted) return undefined;
    const ahead = this.#keys.splice(0);
    const giveUp = () => this.#finish({ kind: 'interrupted', wasEmpty: true });
    signal.addEventListener('abort', giveUp, { once: true });
    try {
      const result = await new Promise<ReadResult>((resolve) => {
        this.#begin(new Reading({ first: question, next: '' }, [], 'answer', resolve));
      });
      if (result.kind === 'interrupted' && !signal.aborted) this.options.onInterrupt();
      if (result.kind !== 'line') return undefined;
      this.#keys.unshift(...ahead);
      return result.text;
    } finally {
      signal.removeEventListener('abort', giveUp);
    }
  }

  /** Shows another prompt before what is typed now. */
  setPrompts(prompts: Prompts): void {
    if (this.#reading === undefined) return;
    this.#reading.prompts = prompts;
    this.#draw();
  }

  /** Shows text above the line that is being typed, or where the output of a command goes. */
  showAbove(text: string): void {
    if (this.#reading !== undefined) {
      this.#draw();
      this.#reading.choicesShown = '';
    }
    this.#screen.showAbove(text);
  }

  /** No more lines come; one that is not finished is dropped. */
  end(): void {
    this.#isEnded = true;
    this.#keys.length = 0;
    this.#finish({ kind: 'end' });
  }

  [Symbol.dispose](): void {
    this.end();
    this.options.surroundings.stdout.off('resize', this.#onResize);
    this.#offContinue();
    this.#keyboard[Symbol.dispose]();
  }

  #begin(reading: Reading): void {
    this.#reading = reading;
    this.#draw();
    this.#lookAtKeys();
    if (this.#isEnded) this.#finish({ kind: 'end' });
  }

  #onKey(key: Key): void {
    const action = actionOf(key);
    if (action === 'paste-start' || action === 'paste-end') this.#isPasting = action === 'paste-start';
    if (!this.#isPasting && action === 'interrupt') return this.#interrupt();
    if (!this.#isPasting && action === 'suspend' && this.#reading === undefined) return this.#suspend();
    if (this.#keys.length < keysMax && !this.#isEnded) this.#keys.push(key);
    this.#lookAtKeys();
  }

  /** At once, whatever was typed before it. */
  #interrupt(): void {
    this.#keys.length = 0;
    const reading = this.#reading;
    if (reading === undefined) return this.options.onInterrupt();
    this.#finish({ kind: 'interrupted', wasEmpty: reading.editing.line.text === '' && !reading.search });
  }

  #lookAtKeys(): void {
    for (;;) {
      const reading = this.#reading;
      if (reading === undefined || reading.completing !== undefined) return;
      const key = this.#keys.shift();
      if (key === undefined) return;
      this.#take(key, reading);
      this.#drawSoon();
    }
  }

  #take(key: Key, reading: Reading): void {
    const action = actionOf(key);
    if (reading.pasted !== undefined) {
      if (action !== 'paste-end') reading.pasted += pastedBy(key);
      else this.#insert(reading, reading.endPaste());
      return;
    }
    if (reading.search !== undefined && this.#takeInSearch(key, action, reading, reading.search)) return;
    if (action !== 'complete') reading.choicesShown = '';
    if (action !== 'up' && action !== 'down') reading.walk.stop();
    if (action === undefined) return this.#insert(reading, typedBy(key));
    if (!reading.editing.do(action)) this.#acts[action]?.(reading);
  }

  /** What keys do that concerns more than the line. */
  readonly #acts: Readonly<Partial<Record<Action, (reading: Reading) => void>>> = {
    accept: ({ editing, kind }) => {
      const { text } = editing.line;
      if (kind === 'answer' || this.options.isComplete(text)) this.#finish({ kind: 'line', text });
      else editing.insert('\n');
    },
    'end-or-delete': ({ editing }) => {
      if (editing.line.text === '') this.end();
      else editing.do('delete-right');
    },
    up: ({ editing, walk }) => {
      editing.line = lineUp(editing.line) ?? walk.older(editing.line) ?? editing.line;
    },
    down: ({ editing, walk }) => {
      editing.line = lineDown(editing.line) ?? walk.newer(editing.line) ?? editing.line;
    },
    complete: (reading) => {
      if (reading.kind === 'line') void this.#complete(reading);
    },
    search: (reading) => {
      reading.search = new HistorySearch(reading.history, reading.editing.line);
    },
    'paste-start': (reading) => {
      reading.pasted = '';
    },
    'clear-screen': () => {
      this.#draw();
      this.#screen.clear();
    },
    suspend: () => this.#suspend(),
  };

  /** `false` for a key that ends the search and does what it always does, to the line that was found. */
  #takeInSearch(key: Key, action: Action | undefined, reading: Reading, search: HistorySearch): boolean {
    if (action === undefined) search.look(search.wanted + typedBy(key));
    else if (action === 'delete-left') search.look(search.wanted.slice(0, -1));
    else if (action === 'search') search.again();
    else {
      reading.search = undefined;
      if (action === 'escape') return true;
      if (search.found !== undefined) reading.editing.replace(lineOf(search.found.text));
      return false;
    }
    return true;
  }

  #insert({ editing }: Reading, text: string): void {
    if (text !== '' && editing.line.text.length + text.length <= charsMax) editing.insert(text);
  }

  async #complete(reading: Reading): Promise<void> {
    const { text, cursor } = reading.editing.line;
    const before = text.slice(0, cursor);
    const completing = new AbortController();
    reading.completing = completing;
    const completed = await this.options.complete(before, completing.signal);
    // Ctrl-C came meanwhile, or the terminal went away.
    if (this.#reading !== reading) return;
    reading.completing = undefined;
    const { replaced, choices } = completed;
    const start = before.slice(0, before.length - replaced.length);
    const line = withCompleted(start, completed, text.slice(cursor));
    if (line.text !== text) reading.editing.replace(line);
    // Another Tab on the same line has nothing new to show.
    if (choices !== '' && reading.choicesShown !== choices) this.showAbove(choices);
    reading.choicesShown = choices;
    this.#drawSoon();
    this.#lookAtKeys();
  }

  /** All keys that came together are one change to look at. */
  #drawSoon(): void {
    if (this.#drawIsDue) return;
    this.#drawIsDue = true;
    queueMicrotask(() => this.#draw());
  }

  #draw(): void {
    this.#drawIsDue = false;
    const reading = this.#reading;
    if (reading === undefined) return;
    const { search, editing, prompts } = reading;
    if (search === undefined) return this.#screen.draw(prompts, editing.line);
    const isFound = search.found !== undefined || search.wanted === '';
    const first = `(${isFound ? 'search' : 'nothing like'}: ${search.wanted}) `;
    this.#screen.draw({ first, next: prompts.next }, search.found ?? search.typed);
  }

  #finish(result: ReadResult): void {
    const reading = this.#reading;
    if (reading === undefined) return;
    reading.search = undefined;
    this.#draw();
    this.#reading = undefined;
    reading.completing?.abort();
    this.#screen.leave(result.kind === 'interrupted' ? '^C' : '');
    reading.resolve(result);
  }

  #suspend(): void {
    const { suspend, timers } = this.options.surroundings;
    this.#keyboard.giveBack();
    this.#screen.giveBack();
    suspend();
    // Where nobody is there to stop it (it leads its session), a process goes on at once.
    timers.after(suspendMs, () => this.#takeOver());
  }

  #takeOver(): void {
    if (this.#isEnded) return;
    this.#keyboard.takeOver();
    this.#screen.restart();
  }

  readonly #onResize = () => this.#screen.redraw();
}

/** A whole word gets a space after it, and the quote that ends it, unless they are there already. */
function withCompleted(start: string, { text, isWhole }: Completed, after: string): LineState {
  const quote = isWhole && /^["']/.test(after) && text.endsWith(after.charAt(0)) ? 1 : 0;
  const rest = after.slice(quote);
  const before = start + text + (isWhole && !rest.startsWith(' ') ? ' ' : '');
  return { text: before + rest, cursor: before.length };
}

/** One line, while it is read. */
class Reading {
  readonly editing = new Editing(emptyLine);
  readonly walk: HistoryWalk;
  search: HistorySearch | undefined;
  /** What is pasted, until that ends. */
  pasted: string | undefined;
  /** Set while a completion is looked for: keys wait. */
  completing: AbortController | undefined;
  /** What a Tab showed right above, if nothing came between. */
  choicesShown = '';

  constructor(
    public prompts: Prompts,
    readonly history: readonly string[],
    /** A line of the shell, or the answer to a question. */
    readonly kind: 'line' | 'answer',
    readonly resolve: (result: ReadResult) => void,
  ) {
    this.walk = new HistoryWalk(history);
  }

  endPaste(): string {
    const pasted = this.pasted ?? '';
    this.pasted = undefined;
    return pasted;
  }
}
