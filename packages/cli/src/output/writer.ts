import { stripVTControlCharacters } from 'node:util';
import { LatticeError } from '@lattice/model';
import type { OutputStream, Surroundings } from '../surroundings.js';
import { Paint, wantsColour } from './paint.js';

/** Whoever reads the output (`head`, a pager) has seen enough: no failure, but no reason to go on either. */
export const outputClosed = 'output-closed';

/** Standard output or standard error, with backpressure. */
export class Writer {
  readonly isTerminal: boolean;
  /** Colours for what goes here. */
  readonly paint: Paint;
  #failureOfStream: NodeJS.ErrnoException | undefined;

  constructor(
    private readonly stream: OutputStream,
    private readonly surroundings: Pick<Surroundings, 'env'>,
    private readonly partOf?: { readonly writer: Writer; readonly until: AbortSignal },
  ) {
    this.isTerminal = stream.isTTY === true;
    this.paint = new Paint(wantsColour(this.isTerminal, surroundings));
    if (partOf === undefined) stream.on('error', (error) => (this.#failureOfStream = error));
  }

  /** The same for one who is listened to until the signal: after that, it is as if the output were closed. */
  until(signal: AbortSignal): Writer {
    return new Writer(this.stream, this.surroundings, { writer: this, until: signal });
  }

  /** Of the terminal, in characters; for what is no terminal, what fits on most. */
  get columns(): number {
    // A terminal that does not know its width says 0.
    return this.stream.columns || 80;
  }

  /** Lines of the terminal; of what is no terminal, as many as are wanted. */
  get rows(): number {
    return this.stream.rows ?? Number.POSITIVE_INFINITY;
  }

  /** Resolves when more can be written. Rejects with `output-closed` or `output-failed`. */
  async write(chunk: string | Uint8Array): Promise<void> {
    this.#throwFailure();
    if (!this.stream.write(chunk)) await this.#drained();
    this.#throwFailure();
  }

  /** The same, but resolves when nothing is left in this process: that the reader has gone shows with this chunk already. */
  async writeThrough(chunk: string): Promise<void> {
    this.#throwFailure();
    const failure = await new Promise<Error | null | undefined>((resolve) =>
      this.stream.write(chunk, resolve),
    );
    if (failure) this.#failure ??= failure;
    this.#throwFailure();
  }

  /** For what need not be waited for: a line on standard error. Failures show with the next `write`. */
  writeNow(chunk: string): void {
    if (this.#failure === undefined && !this.#isOver) this.stream.write(chunk);
  }

  get #isOver(): boolean {
    return this.partOf?.until.aborted === true;
  }

  get #failure(): NodeJS.ErrnoException | undefined {
    return this.partOf === undefined ? this.#failureOfStream : this.partOf.writer.#failure;
  }

  set #failure(failure: NodeJS.ErrnoException | undefined) {
    if (this.partOf === undefined) this.#failureOfStream = failure;
    else this.partOf.writer.#failure = failure;
  }

  /** Sentences for people, on lines of their own: on a terminal they are broken between words. */
  tell(text: string): void {
    this.writeNow(`${this.isTerminal ? brokenBetweenWords(text, this.columns) : text}\n`);
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        for (const event of ['drain', 'error', 'close']) this.stream.off(event, done);
        resolve();
      };
      for (const event of ['drain', 'error', 'close']) this.stream.once(event, done);
    });
  }

  #throwFailure(): void {
    const nobodyReads = () => new LatticeError(outputClosed, 'Nobody reads the output any more.');
    if (this.#isOver) throw nobodyReads();
    if (this.#failure === undefined) return;
    const { code, message } = this.#failure;
    if (code === 'EPIPE') throw nobodyReads();
    throw new LatticeError(
      'output-failed',
      `The output cannot be written (${code ?? message}): free some space.`,
      {
        cause: this.#failure,
      },
    );
  }
}

/**
 * Counts UTF-16 units, which is near enough: this is in every command's way, and to know those that are two wide takes a table that is
 * slow to load. What comes out too wide, the terminal breaks.
 */
function brokenBetweenWords(text: string, width: number): string {
  let line = 0;
  return text.replaceAll(/(\s?)(\S+)/g, (_all, space: string, word: string) => {
    const length = stripVTControlCharacters(word).length;
    const breaks = space !== '\n' && line > 0 && line + space.length + length > width;
    line = breaks || space === '\n' ? length : line + space.length + length;
    return `${breaks ? '\n' : space}${word}`;
  });
}
