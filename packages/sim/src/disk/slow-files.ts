import type { Timers } from '@lattice/model';
import { FileError, type Files, type MemoryFiles, type OpenFile } from '@lattice/storage';
import type { Lifeline } from '@lattice/testkit';
import type { SimDisk } from './disk.js';

/** What a disk needs to serve one process. */
export interface DiskUser {
  readonly disk: SimDisk;
  readonly life: Lifeline;
  readonly timers: Timers;
}

/** A process's hold on the files of one directory: they take time, may be full, and the process may end at each of them. */
export class SlowFiles implements Files {
  readonly #inner: MemoryFiles;
  readonly #user: DiskUser;

  constructor(inner: MemoryFiles, user: DiskUser) {
    this.#inner = inner;
    this.#user = user;
  }

  list(): Promise<readonly string[]> {
    return this.#user.life.hold(this.#inner.list());
  }

  open(name: string, options?: { readonly create?: boolean }): OpenFile {
    if (options?.create) this.#requireRoom('open');
    return this.#handle(this.#inner.open(name, options));
  }

  rename(from: string, to: string): Promise<void> {
    return this.#change(() => this.#inner.rename(from, to));
  }

  remove(name: string): Promise<void> {
    return this.#change(() => this.#inner.remove(name));
  }

  syncDirectory(): Promise<void> {
    return this.#change(() => this.#inner.syncDirectory());
  }

  #handle(file: OpenFile): OpenFile {
    return {
      size: () => file.size(),
      read: (into, position) => file.read(into, position),
      write: (bytes, position) => {
        const copy = bytes.slice();
        return this.#change(() => {
          this.#requireRoom('write');
          return file.write(copy, position);
        });
      },
      resize: (bytes) => this.#change(() => file.resize(bytes)),
      sync: () =>
        this.#change(() => {
          if (this.#user.disk.failsNextSync) this.#inner.failNext('sync', 'EIO');
          this.#user.disk.failsNextSync = false;
          return file.sync();
        }),
      close: () => file.close(),
    };
  }

  /** Never settles where the process ends before or while it is carried out; it is not begun where it ends before. */
  #change(work: () => Promise<void>): Promise<void> {
    const { disk, life, timers } = this.#user;
    disk.count();
    if (life.hasEnded) return new Promise(() => undefined);
    const whole = async () => {
      if (disk.slowMs > 0) await new Promise<void>((resolve) => void timers.after(disk.slowMs, resolve));
      if (!life.hasEnded) await work();
    };
    return life.hold(disk.during(whole));
  }

  #requireRoom(operation: string): void {
    if (this.#user.disk.isFull) throw new FileError('ENOSPC', operation);
  }
}
