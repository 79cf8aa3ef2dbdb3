import fs from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';

/** A folder that is removed with all that is in it. */
export class TemporaryDirectory implements AsyncDisposable {
  private constructor(readonly path: string) {}

  static async make(): Promise<TemporaryDirectory> {
    return new TemporaryDirectory(await fs.mkdtemp(join(os.tmpdir(), 'lattice-storage-')));
  }

  join(...names: string[]): string {
    return join(this.path, ...names);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await fs.rm(this.path, { recursive: true, force: true });
  }
}
