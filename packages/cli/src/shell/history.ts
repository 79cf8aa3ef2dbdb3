import { LatticeError } from '@lattice/model';
import type { Command } from '../commands/command.js';
import { scanLine } from '../line/split-line.js';
import { type HistoryFile, historyMax } from './history-file.js';

/** A longer one is not worth it. */
const charsMax = 16 * 1024;

/** A token of an invitation, also in a line that no command accepts. */
const token = /lattice1[a-z2-7]{8}/i;

/** The lines that were typed, of this run and those before. */
export class History {
  /** The newest first. One list throughout, which changes. */
  readonly entries: string[];
  #isKept = true;

  constructor(
    private readonly options: {
      readonly file: HistoryFile;
      readonly commands: readonly Command[];
      /** Told once, when lines cannot be kept for the next run. */
      readonly onFailure: (problem: string) => void;
    },
  ) {
    this.entries = [...options.file.read()].reverse();
  }

  /** A line that begins with a space, has a secret in it, or repeats the last one, leaves no trace. */
  add(line: string): void {
    const text = line.trimEnd();
    if (/^\s|^$/.test(text) || text.length > charsMax || text === this.entries[0]) return;
    if (hasSecret(text, this.options.commands)) return;
    this.entries.unshift(text);
    if (this.entries.length > historyMax) this.entries.pop();
    if (!this.#isKept) return;
    try {
      this.options.file.append(text);
    } catch (error) {
      this.#isKept = false;
      this.options.onFailure(
        error instanceof Error ? ((error as NodeJS.ErrnoException).code ?? error.message) : '',
      );
    }
  }
}

function hasSecret(line: string, commands: readonly Command[]): boolean {
  if (token.test(line)) return true;
  try {
    const words = scanLine(line).words.map(({ text }) => text);
    return commands.some(({ path, args }) => {
      // Options can stand before and between: where the command's words come in their order, it may be meant.
      const first = words.indexOf(path[0] ?? '');
      const isMeant = first !== -1 && path.every((word) => words.includes(word));
      return isMeant && args.some(({ secret }) => secret === true) && words.length > path.length;
    });
  } catch (error) {
    // What cannot be read as words is no command either.
    if (error instanceof LatticeError) return false;
    throw error;
  }
}
