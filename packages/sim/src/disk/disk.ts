import { assert, type Random, type Timers } from '@lattice/model';
import type { Log, MemoryDisk, MemoryFiles } from '@lattice/storage';

/**
 * A machine's disk. Logs are files that may be torn, damaged, full or slow, behind the same code as on a real disk; what is
 * computed from them is in memory, and gone after a crash of the machine.
 */
export class SimDisk {
  /** Where everything but the logs is. */
  readonly memory: MemoryDisk;
  /** The log's files of each store, by UUID. */
  readonly files = new Map<string, MemoryFiles>();
  /** The logs that a process has open. */
  readonly logs = new Map<string, Log>();
  /** What each write and sync takes. */
  slowMs = 0;
  isFull = false;
  /** Whether the next sync fails. */
  failsNextSync = false;
  readonly #timers: Timers;
  #process = 0;
  #inFlight = 0;
  #busySinceMs = 0;
  #busyMs = 0;
  #operationsLeft = Infinity;
  #onEnding: () => void = () => undefined;

  constructor(memory: MemoryDisk, timers: Timers) {
    this.memory = memory;
    this.#timers = timers;
  }

  /** For how long, in all, something was being written or synced. */
  get busyMs(): number {
    return this.#busyMs + (this.#inFlight > 0 ? this.#timers.monotonicMs() - this.#busySinceMs : 0);
  }

  /** `onEnding` is called at the so many-th operation from now, counted from 1, which is then not carried out. */
  endAt(operation: number, onEnding: () => void): void {
    this.#operationsLeft = operation;
    this.#onEnding = onEnding;
  }

  /** No more trouble from now on than there was. */
  relent(): void {
    this.isFull = false;
    this.failsNextSync = false;
    this.slowMs = 0;
    this.#operationsLeft = Infinity;
  }

  /** To be called before each operation; whoever calls it looks afterwards whether its process still lives. */
  count(): void {
    if (--this.#operationsLeft > 0) return;
    this.#operationsLeft = Infinity;
    this.#onEnding();
  }

  /** Counts the time of some work; of a process that is gone by then, no more. */
  async during<T>(work: () => Promise<T>): Promise<T> {
    const process = this.#process;
    if (this.#inFlight++ === 0) this.#busySinceMs = this.#timers.monotonicMs();
    try {
      return await work();
    } finally {
      if (process === this.#process && --this.#inFlight === 0)
        this.#busyMs += this.#timers.monotonicMs() - this.#busySinceMs;
    }
  }

  /** The process that had the disk is gone, and with it whatever it was at. */
  abandoned(): void {
    if (this.#inFlight > 0) this.#busyMs += this.#timers.monotonicMs() - this.#busySinceMs;
    this.#process++;
    this.#inFlight = 0;
    this.#operationsLeft = Infinity;
    this.logs.clear();
  }

  /** The machine lost power: of what was not synced, any part may have reached the disk, torn or not. */
  crash(random: Random): void {
    this.memory.crash();
    for (const files of this.files.values()) files.crash(random);
    this.abandoned();
  }

  filesOf(uuid: string): MemoryFiles {
    const files = this.files.get(uuid);
    assert(files, 'a store has files');
    return files;
  }
}
