import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LatticeError } from '@lattice/model';

/** Keeps what was read of a store for whoever takes it more slowly: pages, read once they are all written. */
export interface Spool extends AsyncDisposable {
  /** Rejects with `disk-full` or `disk-failed`. */
  write(page: Uint8Array): Promise<void>;
  /** In the order in which they were written; once. */
  pages(): AsyncIterable<Uint8Array>;
}

/** Keeps the pages of at most so many readers at a time. */
const spoolsMax = 8;

/** The open spools of a process. */
export class Spools {
  readonly #openOne: () => Promise<Spool>;
  #open = 0;

  constructor(openOne: () => Promise<Spool>) {
    this.#openOne = openOne;
  }

  /** Resolves when it is filled; `undefined` where there are too many. */
  open(fill: (spool: Spool) => Promise<void>): Promise<Spool> | undefined {
    return this.#open < spoolsMax ? this.#filled(fill) : undefined;
  }

  async #filled(fill: (spool: Spool) => Promise<void>): Promise<Spool> {
    this.#open++;
    const undo: (() => Promise<void>)[] = [];
    const close = async () => {
      this.#open--;
      for (const step of undo.splice(0)) await step();
    };
    try {
      const spool = await this.#openOne();
      undo.push(async () => spool[Symbol.asyncDispose]());
      await fill(spool);
      return { write: (page) => spool.write(page), pages: () => spool.pages(), [Symbol.asyncDispose]: close };
    } catch (error) {
      await close();
      throw error;
    }
  }
}

let files = 0;

/** A file without a name: whatever ends the process, its room is free then. */
export async function openFileSpool(directory: string): Promise<Spool> {
  const path = join(directory, `spool-${process.pid}-${++files}`);
  try {
    const file = await open(path, 'wx+', 0o600);
    await rm(path);
    return new FileSpool(file);
  } catch (error) {
    throw spoolError(error);
  }
}

class FileSpool implements Spool {
  readonly #file: FileHandle;
  readonly #lengths: number[] = [];

  constructor(file: FileHandle) {
    this.#file = file;
  }

  async write(page: Uint8Array): Promise<void> {
    try {
      await this.#file.writeFile(page);
      this.#lengths.push(page.length);
    } catch (error) {
      throw spoolError(error);
    }
  }

  async *pages(): AsyncGenerator<Uint8Array> {
    let at = 0;
    for (const length of this.#lengths) {
      const page = new Uint8Array(length);
      try {
        await this.#file.read(page, 0, length, at);
      } catch (error) {
        throw spoolError(error);
      }
      at += length;
      yield page;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#file.close();
  }
}

function spoolError(error: unknown): LatticeError {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT'
    ? new LatticeError(
        'disk-full',
        'The disk has no room to keep the rest of a listing for its reader, who is slow: free some, or read it in parts, with --from.',
        { cause: error },
      )
    : new LatticeError(
        'disk-failed',
        `The disk failed while the rest of a listing was kept for its reader, who is slow (${code ?? String(error)}): look into the system's log.`,
        { cause: error },
      );
}
