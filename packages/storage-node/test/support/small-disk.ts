import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { TemporaryDirectory } from './temporary-directory.js';

/** Why a test that needs a disk of its own is skipped, or false where it is not. */
export const skipWithoutMounts =
  process.getuid?.() === 0 && process.platform === 'linux' ? false : 'a disk of its own takes root on Linux';

/** A disk of 4 MiB. */
export class SmallDisk implements AsyncDisposable {
  private constructor(private readonly directory: TemporaryDirectory) {}

  static async make(): Promise<SmallDisk> {
    const directory = await TemporaryDirectory.make();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory.path]);
    return new SmallDisk(directory);
  }

  get path(): string {
    return this.directory.join('data');
  }

  fill(): void {
    const file = fs.openSync(this.directory.join('filler'), 'a');
    try {
      for (const size of [4096, 1]) {
        try {
          for (;;) fs.writeSync(file, new Uint8Array(size).fill(1));
        } catch {
          // Full, to that size.
        }
      }
    } finally {
      fs.closeSync(file);
    }
  }

  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.directory.path]);
  }

  makeWritable(): void {
    execFileSync('mount', ['-o', 'remount,rw', this.directory.path]);
  }

  free(): void {
    fs.rmSync(this.directory.join('filler'), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync('umount', ['-l', this.directory.path]);
    await this.directory[Symbol.asyncDispose]();
  }
}
