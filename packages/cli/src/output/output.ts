import { columns } from './columns.js';
import { type Json, jsonForTerminal, jsonText } from './json-text.js';
import { harmless } from './printable.js';
import type { Paint } from './paint.js';
import type { Writer } from './writer.js';

/** Where a command prints: text for people, or with --json one document for programs. */
export class Output {
  constructor(
    readonly stdout: Writer,
    readonly stderr: Writer,
    readonly json: boolean,
  ) {}

  /** Colours for what goes to standard output. */
  get paint(): Paint {
    return this.stdout.paint;
  }

  /** A list of things that have several properties: on a terminal cut to its width, elsewhere whole. */
  table(rows: readonly (readonly string[])[]): string {
    return columns(rows, '', this.stdout.isTerminal ? this.stdout.columns : Infinity);
  }

  /** All that the command found. Nothing else goes to standard output. */
  async result(result: { readonly json: Json; readonly text: string }): Promise<void> {
    if (this.json) return this.stdout.write(`${this.#document(result.json)}\n`);
    if (result.text !== '') await this.stdout.write(`${result.text}\n`);
  }

  /**
   * A result of any length, printed as it comes: a JSON array, or a line for each item. Resolves with their number. Where
   * it fails halfway, what came before is printed: whole lines, one item each. The array is left without its end then, so
   * that nobody who parses it takes a part for all.
   */
  async items<T>(
    items: AsyncIterable<T>,
    of: { readonly json: (item: T) => Json; readonly text: (item: T) => string },
  ): Promise<number> {
    let count = 0;
    let pending = this.json ? '[' : '';
    try {
      for await (const item of items) {
        const separator = this.json && count > 0 ? ',\n' : '';
        pending += separator + (this.json ? this.#document(of.json(item)) : `${of.text(item)}\n`);
        count++;
        if (pending.length < chunkChars) continue;
        const chunk = pending;
        pending = '';
        await this.stdout.write(chunk);
      }
    } catch (error) {
      // Why it failed is to be told also where nobody takes what came before.
      if (count > 0 && pending !== '')
        await this.stdout.write(this.json ? `${pending}\n` : pending).catch(() => undefined);
      throw error;
    }
    await this.stdout.write(this.json ? `${pending}]\n` : pending);
    return count;
  }

  /** Some of what a command finds over time, as soon as there is some: a line each, with --json a document each (NDJSON). */
  async lines<T>(
    items: readonly T[],
    of: { readonly json: (item: T) => Json; readonly text: (item: T) => string | undefined },
  ): Promise<void> {
    let chunk = '';
    for (const item of items) {
      const line = this.json ? this.#document(of.json(item)) : of.text(item);
      if (line !== undefined) chunk += `${line}\n`;
    }
    if (chunk !== '') await this.stdout.writeThrough(chunk);
  }

  /** What is worth knowing beside the result: a line on standard error. */
  note(text: string): void {
    this.stderr.tell(harmless(text));
  }

  #document(json: Json): string {
    const text = jsonText(json);
    return this.stdout.isTerminal ? jsonForTerminal(text) : text;
  }
}

/** What is gathered before it is written. */
const chunkChars = 64 * 1024;
