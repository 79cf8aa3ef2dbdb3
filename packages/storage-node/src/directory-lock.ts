import { tryLock as tryLockRange } from 'fs-native-extensions';
import { type FileHandle, open, readdir, rmdir, unlink } from 'node:fs/promises';
import { basename } from 'node:path';
import { directoryError } from './directory-errors.js';
import { lockPath, ownerText } from './directory-owner.js';
import { makeDirectory, statIfThere } from './durable-files.js';

/** Beyond what is written in the file: on Windows a locked range can not be read by others. */
const lockedAt = 2 ** 30;

/**
 * Keeps a data directory to one process. The system frees it when the process ends, however it ends; the file stays. Where
 * nothing came of the directory, it is removed by whoever has it: who waited for it finds that it is gone, and makes another.
 */
export class DirectoryLock implements AsyncDisposable {
  #isHeld = true;

  private constructor(
    private readonly file: FileHandle,
    private readonly directory: string,
    private readonly madeDirectory: boolean,
  ) {}

  /** `undefined` where another process has it, or this one already. Makes the directory where there is none. */
  static async tryLock(directory: string): Promise<DirectoryLock | undefined> {
    let file: FileHandle | undefined;
    try {
      const isNew = (await statIfThere(directory)) === undefined;
      await makeDirectory(directory);
      file = await open(lockPath(directory), 'a+', 0o644);
      if (!tryLockRange(file.fd, lockedAt, 1) || !(await isAt(file, lockPath(directory)))) {
        await file.close();
        return undefined;
      }
      await file.truncate(0);
      return new DirectoryLock(file, directory, isNew);
    } catch (error) {
      await file?.close();
      throw directoryError(error, directory);
    }
  }

  /** Says to others where they reach this process. */
  async publish({ socketPath }: { readonly socketPath: string }): Promise<void> {
    const text = await ownerText(this.directory, { pid: process.pid, socketPath });
    await this.file.truncate(0);
    await this.file.appendFile(text);
  }

  /** Frees it, and removes it where nothing came of the directory, together with that if it was made for it. */
  async abandon(): Promise<void> {
    const path = lockPath(this.directory);
    try {
      if (this.#isHeld && (await readdir(this.directory)).every((name) => name === basename(path))) {
        await unlink(path);
        if (this.madeDirectory) await rmdir(this.directory);
      }
    } catch {
      // Windows removes no file that is open: an empty lock does no harm.
    }
    await this[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    await this.file.truncate(0);
    await this.file.close();
  }
}

/** Not where somebody removed it between the opening and the locking of it. */
async function isAt(file: FileHandle, path: string): Promise<boolean> {
  const [opened, there] = await Promise.all([file.stat(), statIfThere(path)]);
  return there !== undefined && there.ino === opened.ino && there.dev === opened.dev;
}
