import { tryLock as tryLockRange } from 'fs-native-extensions';
import { type FileHandle, open } from 'node:fs/promises';
import { directoryError } from './directory-errors.js';
import { lockPath, ownerText } from './directory-owner.js';
import { makeDirectory } from './durable-files.js';

/** Beyond what is written in the file: on Windows a locked range can not be read by others. */
const lockedAt = 2 ** 30;

/**
 * Keeps a data directory to one process. The system frees it when the process ends, however it ends; the file stays, since
 * removing it would let two others lock a file each.
 */
export class DirectoryLock implements AsyncDisposable {
  #isHeld = true;

  private constructor(
    private readonly file: FileHandle,
    private readonly directory: string,
  ) {}

  /** `undefined` where another process has it, or this one already. Makes the directory where there is none. */
  static async tryLock(directory: string): Promise<DirectoryLock | undefined> {
    let file: FileHandle | undefined;
    try {
      await makeDirectory(directory);
      file = await open(lockPath(directory), 'a+', 0o644);
      if (!tryLockRange(file.fd, lockedAt, 1)) {
        await file.close();
        return undefined;
      }
      await file.truncate(0);
      return new DirectoryLock(file, directory);
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

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isHeld) return;
    this.#isHeld = false;
    await this.file.truncate(0);
    await this.file.close();
  }
}
