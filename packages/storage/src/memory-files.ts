import type { Random } from '@lattice/model';
import type { Files, OpenFile } from './files.js';
import { MemoryDiskFile, oneOf } from './memory-disk-file.js';

export type FileOperation = 'open' | 'write' | 'resize' | 'sync' | 'rename' | 'remove' | 'syncDirectory';

/** As the system's errors are. */
export class FileError extends Error {
  override readonly name = 'FileError';

  constructor(
    readonly code: 'ENOSPC' | 'EDQUOT' | 'EIO' | 'ENOENT' | 'EEXIST' | 'EBADF',
    operation: string,
  ) {
    super(`${code}: ${operation}`);
  }
}

/**
 * `Files` in memory that is as unreliable as a disk: what was written is volatile until synced, names are until the
 * directory is, any operation can be made to fail, and the machine can be made to stop at any step and to crash.
 */
export class MemoryFiles implements Files {
  #names = new Map<string, MemoryDiskFile>();
  #namesOnDisk = new Map<string, MemoryDiskFile>();
  /** What happened to names since they were last synced. A journaling file system keeps some first part of it. */
  #nameChanges: NameChange[] = [];
  readonly #faults: Fault[] = [];
  #operationsLeft = Infinity;
  #crashes = 0;

  /** Files of their own with the same content, all of it on the disk. */
  copy(): MemoryFiles {
    const copy = new MemoryFiles();
    for (const [name, file] of this.#names) copy.#names.set(name, file.copy());
    copy.#namesOnDisk = new Map(copy.#names);
    return copy;
  }

  async list(): Promise<readonly string[]> {
    await this.#begin();
    return [...this.#names.keys()].sort();
  }

  open(name: string, options?: { readonly create?: boolean }): OpenFile {
    if (this.#operationsLeft <= 0) throw new FileError('EIO', 'the machine has stopped');
    this.#failIfTold('open');
    let file = this.#names.get(name);
    if (options?.create) {
      if (file !== undefined) throw new FileError('EEXIST', `open ${name}`);
      const created = new MemoryDiskFile();
      file = created;
      this.#changeNames((names) => names.set(name, created));
      this.#count();
    }
    if (file === undefined) throw new FileError('ENOENT', `open ${name}`);
    return this.#handle(file);
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#begin('rename');
    const file = this.#names.get(from);
    if (file === undefined) throw new FileError('ENOENT', `rename ${from}`);
    this.#changeNames((names) => {
      names.delete(from);
      names.set(to, file);
    });
    this.#count();
  }

  async remove(name: string): Promise<void> {
    await this.#begin('remove');
    if (!this.#names.has(name)) throw new FileError('ENOENT', `remove ${name}`);
    this.#changeNames((names) => names.delete(name));
    this.#count();
  }

  async syncDirectory(): Promise<void> {
    await this.#begin('syncDirectory');
    this.#nameChanges = [];
    this.#namesOnDisk = new Map(this.#names);
    this.#count();
  }

  /** Makes the next such operation fail. A write may get some first bytes down before it does. */
  failNext(
    operation: FileOperation,
    code: FileError['code'],
    options?: { readonly afterBytes?: number },
  ): void {
    this.#faults.push({ operation, code, afterBytes: options?.afterBytes ?? 0 });
  }

  /** Stops the machine in so many changing operations: the last of them is carried out, but nobody hears of it. */
  stopAfter(operations: number): void {
    this.#operationsLeft = operations;
  }

  /**
   * Crashes the machine and starts it again. Open files are of no more use. Without `random` all that was not synced is
   * lost; with it, any part of that has reached the disk.
   */
  crash(random?: Random): void {
    this.#crashes++;
    this.#operationsLeft = Infinity;
    this.#faults.length = 0;
    const kept = random === undefined ? 0 : oneOf(random, this.#nameChanges.length + 1);
    for (const change of this.#nameChanges.slice(0, kept)) change(this.#namesOnDisk);
    this.#nameChanges = [];
    this.#names = new Map(this.#namesOnDisk);
    for (const file of this.#names.values()) file.crash(random);
  }

  /** Damages what is on the disk. */
  overwrite(name: string, position: number, bytes: Uint8Array): void {
    const file = this.#names.get(name);
    if (file === undefined) throw new FileError('ENOENT', `overwrite ${name}`);
    file.overwriteEverywhere(bytes, position);
  }

  #handle(file: MemoryDiskFile): OpenFile {
    const opened = this.#crashes;
    let open = true;
    const assertUsable = () => {
      if (!open || opened !== this.#crashes) throw new FileError('EBADF', 'the file is closed');
    };
    const begin = async (operation: FileOperation) => {
      assertUsable();
      await this.#begin(operation === 'write' || operation === 'sync' ? undefined : operation);
      assertUsable();
    };
    return {
      size: () => (assertUsable(), file.size),
      read: (into, position) => (assertUsable(), file.read(into, position)),
      write: async (bytes, position) => {
        await begin('write');
        const fault = this.#takeFault('write');
        file.write(fault === undefined ? bytes : bytes.subarray(0, fault.afterBytes), position);
        this.#count();
        if (fault !== undefined) throw new FileError(fault.code, 'write');
      },
      resize: async (bytes) => {
        await begin('resize');
        file.resize(bytes);
        this.#count();
      },
      sync: async () => {
        await begin('sync');
        const fault = this.#takeFault('sync');
        if (fault === undefined) file.sync();
        else file.failToSync();
        this.#count();
        if (fault !== undefined) throw new FileError(fault.code, 'sync');
      },
      close: () => {
        open = false;
      },
    };
  }

  async #begin(operation?: FileOperation): Promise<void> {
    await Promise.resolve();
    if (this.#operationsLeft <= 0) throw new FileError('EIO', 'the machine has stopped');
    if (operation !== undefined) this.#failIfTold(operation);
  }

  #count(): void {
    if (--this.#operationsLeft <= 0) throw new FileError('EIO', 'the machine has stopped');
  }

  #failIfTold(operation: FileOperation): void {
    const fault = this.#takeFault(operation);
    if (fault !== undefined) throw new FileError(fault.code, operation);
  }

  #takeFault(operation: FileOperation): Fault | undefined {
    const index = this.#faults.findIndex((fault) => fault.operation === operation);
    return index < 0 ? undefined : this.#faults.splice(index, 1)[0];
  }

  #changeNames(change: NameChange): void {
    change(this.#names);
    this.#nameChanges.push(change);
  }
}

type NameChange = (names: Map<string, MemoryDiskFile>) => unknown;

interface Fault {
  readonly operation: FileOperation;
  readonly code: FileError['code'];
  readonly afterBytes: number;
}
