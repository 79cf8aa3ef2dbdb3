import type { Interface } from 'node:readline';

const typedAheadMax = 1_000;

/** The lines that somebody types, also those typed while a command still runs. Ctrl-C at the prompt empties the line. */
export class LineQueue {
  readonly #typedAhead: string[] = [];
  #waiting: ((line: string | undefined) => void) | undefined;
  #ended = false;
  #onEnd: () => void = () => undefined;

  constructor(private readonly readline: Interface) {
    readline.on('line', (line) => this.#take(line));
    readline.on('close', () => this.end());
    readline.on('SIGINT', () => {
      if (!this.isWaiting) return;
      // To the end of the line, then erase to its beginning.
      readline.write(null, { ctrl: true, name: 'e' });
      readline.write(null, { ctrl: true, name: 'u' });
    });
  }

  /** Whether the prompt is there and somebody may be typing at it. */
  get isWaiting(): boolean {
    return this.#waiting !== undefined;
  }

  /** Shows the prompt and resolves with the next line; `undefined` when there will be none. */
  next(): Promise<string | undefined> {
    const line = this.#typedAhead.shift();
    if (line !== undefined || this.#ended) return Promise.resolve(line);
    return new Promise((resolve) => {
      this.#waiting = resolve;
      this.readline.prompt();
    });
  }

  /**
   * Shows a question and resolves with what is typed from now on: lines typed ahead were not meant for it. `undefined` when
   * the signal fires, or when no more lines come. The answer is not remembered as a command.
   */
  async ask(question: string, signal: AbortSignal): Promise<string | undefined> {
    if (this.#ended || signal.aborted) return undefined;
    const forget = (history: string[]) => void history.shift();
    const give = () => this.#answer(undefined);
    this.readline.on('history', forget);
    signal.addEventListener('abort', give, { once: true });
    try {
      return await new Promise<string | undefined>((resolve) => {
        this.#waiting = resolve;
        this.readline.setPrompt(question);
        this.readline.prompt();
      });
    } finally {
      this.readline.off('history', forget);
      signal.removeEventListener('abort', give);
    }
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#typedAhead.length = 0;
    this.#answer(undefined);
    this.#onEnd();
  }

  /** Calls back when no more lines come; replaces what was said before. */
  onceEnded(callback: () => void): void {
    this.#onEnd = callback;
  }

  #take(line: string): void {
    if (this.#waiting !== undefined) this.#answer(line);
    else if (!this.#ended && this.#typedAhead.length < typedAheadMax) this.#typedAhead.push(line);
  }

  #answer(line: string | undefined): void {
    const resolve = this.#waiting;
    this.#waiting = undefined;
    resolve?.(line);
  }
}
