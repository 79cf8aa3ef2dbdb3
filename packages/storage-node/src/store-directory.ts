import type { Log, LoggedUpTo, OrderedKv, StoreStorage } from '@lattice/storage';
import fs from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CheckpointFile } from './checkpoint-file.js';
import { syncDirectory } from './durable-files.js';
import type { CopyableKv } from './copyable-kv.js';
import { openGuardedKv } from './guarded-kv.js';
import { diskError } from './disk-errors.js';
import { NodeFiles } from './node-files.js';
import { openScratchKv, removeScratch } from './scratch-kv.js';
import type { SegmentHeader } from './segment-header.js';
import { SegmentLog } from './segment-log.js';
import { findSegments } from './segment-set.js';

/** Makes a store under a temporary name, which it sheds when all of it is on the disk: a crash leaves it whole or not there. */
export async function makeStoreDirectory(
  temporary: string,
  path: string,
  header: SegmentHeader,
): Promise<void> {
  await rm(temporary, { recursive: true, force: true });
  await mkdir(join(temporary, 'logs'), { recursive: true, mode: 0o700 });
  const logs = join(temporary, 'logs');
  const log = await SegmentLog.create(new NodeFiles(logs), header, { folder: logs });
  await log[Symbol.asyncDispose]();
  await syncDirectory(temporary);
  await rename(temporary, path);
  await syncDirectory(dirname(path));
}

/** The genesis, as the last intact header of the log says it. Rejects with `store-damaged`. */
export async function readStoreGenesis(path: string): Promise<Uint8Array> {
  const { header } = await findSegments(new NodeFiles(join(path, 'logs')));
  return header.genesis;
}

/**
 * A store in its directory: `logs/`, the truth, and `state.db`, which is discarded whenever it can not be trusted; what it was
 * at a time is in `state.checkpoint`.
 */
export class StoreDirectory implements StoreStorage {
  #isOpen = true;
  #keeping = Promise.resolve();

  private constructor(
    readonly genesis: Uint8Array,
    readonly log: Log,
    readonly state: CopyableKv,
    private readonly checkpoint: CheckpointFile,
    readonly repairs: readonly string[],
    private readonly path: string,
    private readonly bootId: string,
    private readonly onClosed: () => void,
  ) {}

  static async open(
    path: string,
    bootId: string,
    loggedUpTo: LoggedUpTo,
    onClosed: () => void,
  ): Promise<StoreDirectory> {
    await removeScratch(path);
    const checkpoint = new CheckpointFile(join(path, 'state.checkpoint'));
    await checkpoint.tidy();
    const { kv, repairs } = await openGuardedKv(statePath(path), { durable: false, bootId, checkpoint });
    try {
      const folder = join(path, 'logs');
      const log = await SegmentLog.open(new NodeFiles(folder), { folder, syncedTo: loggedUpTo(kv) });
      const allRepairs = [...log.repairs, ...repairs];
      return new StoreDirectory(log.genesis, log, kv, checkpoint, allRepairs, path, bootId, onClosed);
    } catch (error) {
      await kv[Symbol.asyncDispose]();
      throw error;
    }
  }

  get stateBytes(): number {
    return fs.statSync(statePath(this.path), { throwIfNoEntry: false })?.size ?? 0;
  }

  keepCheckpoint(): Promise<void> {
    const kept = this.checkpoint.make(this.stateBytes, (path) => this.state.copyTo(path));
    this.#keeping = kept.catch(() => undefined);
    return kept;
  }

  async dropCheckpoint(): Promise<void> {
    try {
      await this.checkpoint.remove();
    } catch (error) {
      throw diskError(error, 'removing the checkpoint of the state');
    }
  }

  openScratch(): Promise<OrderedKv> {
    return openScratchKv(this.path, this.bootId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    await this.#keeping;
    try {
      await this.state[Symbol.asyncDispose]();
    } finally {
      await this.log[Symbol.asyncDispose]();
      this.onClosed();
    }
  }
}

function statePath(directory: string): string {
  return join(directory, 'state.db');
}
