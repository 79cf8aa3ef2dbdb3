import type { Log, OrderedKv, StoreStorage } from '@lattice/storage';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { syncDirectory } from './durable-files.js';
import { openGuardedKv } from './guarded-kv.js';
import { NodeFiles } from './node-files.js';
import { openScratchKv, removeScratch } from './scratch-kv.js';
import type { SegmentHeader } from './segment-header.js';
import { SegmentLog } from './segment-log.js';

/** Makes a store under a temporary name, which it sheds when all of it is on the disk: a crash leaves it whole or not there. */
export async function makeStoreDirectory(
  temporary: string,
  path: string,
  header: SegmentHeader,
): Promise<void> {
  await rm(temporary, { recursive: true, force: true });
  await mkdir(join(temporary, 'logs'), { recursive: true, mode: 0o700 });
  const log = await SegmentLog.create(new NodeFiles(join(temporary, 'logs')), header);
  await log[Symbol.asyncDispose]();
  await syncDirectory(temporary);
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** A store in its directory: `logs/`, the truth, and `state.db`, which is discarded whenever it can not be trusted. */
export class StoreDirectory implements StoreStorage {
  #isOpen = true;

  private constructor(
    readonly genesis: Uint8Array,
    readonly log: Log,
    readonly state: OrderedKv,
    readonly repairs: readonly string[],
    private readonly path: string,
    private readonly bootId: string,
    private readonly onClosed: () => void,
  ) {}

  static async open(path: string, bootId: string, onClosed: () => void): Promise<StoreDirectory> {
    const log = await SegmentLog.open(new NodeFiles(join(path, 'logs')));
    try {
      await removeScratch(path);
      const { kv, repairs } = await openGuardedKv(join(path, 'state.db'), { durable: false, bootId });
      return new StoreDirectory(log.genesis, log, kv, [...log.repairs, ...repairs], path, bootId, onClosed);
    } catch (error) {
      await log[Symbol.asyncDispose]();
      throw error;
    }
  }

  openScratch(): Promise<OrderedKv> {
    return openScratchKv(this.path, this.bootId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    try {
      await this.state[Symbol.asyncDispose]();
    } finally {
      await this.log[Symbol.asyncDispose]();
      this.onClosed();
    }
  }
}
