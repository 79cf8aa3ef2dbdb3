import type { Files, OpenFile } from '@lattice/storage';
import fs from 'node:fs';
import { join } from 'node:path';
import { syncDirectory } from './durable-files.js';

/** `Files` of a real directory. */
export class NodeFiles implements Files {
  constructor(private readonly directory: string) {}

  list(): Promise<readonly string[]> {
    return fs.promises.readdir(this.directory);
  }

  open(name: string, options?: { readonly create?: boolean }): OpenFile {
    return new NodeFile(fs.openSync(join(this.directory, name), options?.create ? 'wx+' : 'r+', 0o600));
  }

  rename(from: string, to: string): Promise<void> {
    return fs.promises.rename(join(this.directory, from), join(this.directory, to));
  }

  remove(name: string): Promise<void> {
    return fs.promises.unlink(join(this.directory, name));
  }

  syncDirectory(): Promise<void> {
    return syncDirectory(this.directory);
  }
}

/**
 * A write of up to so many bytes goes into the page cache at once: it takes 10 to 50 microseconds, and handing it to a
 * thread and back takes 40 more, after which this thread may be at something else and the sync waits. A sync always goes to a thread, by callback, which costs 90 us less than a `FileHandle`.
 */
const synchronousBytesMax = 256 * 1024;

class NodeFile implements OpenFile {
  #open = true;

  constructor(private readonly descriptor: number) {}

  size(): number {
    return fs.fstatSync(this.#usable()).size;
  }

  read(into: Uint8Array, position: number): number {
    const descriptor = this.#usable();
    let done = 0;
    while (done < into.length) {
      const count = fs.readSync(descriptor, into, done, into.length - done, position + done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async write(bytes: Uint8Array, position: number): Promise<void> {
    const descriptor = this.#usable();
    let done = 0;
    if (bytes.length <= synchronousBytesMax) {
      while (done < bytes.length) {
        done += fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done);
      }
    }
    while (done < bytes.length) done += await writeSome(descriptor, bytes, done, position + done);
  }

  resize(bytes: number): Promise<void> {
    const descriptor = this.#usable();
    return new Promise((resolve, reject) => {
      fs.ftruncate(descriptor, bytes, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  sync(): Promise<void> {
    const descriptor = this.#usable();
    return new Promise((resolve, reject) => {
      fs.fdatasync(descriptor, (error) => (error === null ? resolve() : reject(error)));
    });
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    fs.closeSync(this.descriptor);
  }

  /** A descriptor that was closed may be another file's by now. */
  #usable(): number {
    if (!this.#open) throw Object.assign(new Error('the file is closed'), { code: 'EBADF' });
    return this.descriptor;
  }
}

function writeSome(descriptor: number, bytes: Uint8Array, from: number, position: number): Promise<number> {
  return new Promise((resolve, reject) => {
    fs.write(descriptor, bytes, from, bytes.length - from, position, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}
