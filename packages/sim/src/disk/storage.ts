import type { Random } from '@lattice/model';
import {
  type LoggedUpTo,
  MemoryFiles,
  MemoryNodeStorage,
  type NodeStorage,
  type OrderedKv,
  type StoreStorage,
} from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import type { DiskUser } from './slow-files.js';
import { SlowFiles } from './slow-files.js';

export interface SimStorageOptions extends DiskUser {
  /** Of the salts of logs. */
  readonly random: Random;
  /** Small, so that many begin. */
  readonly segmentBytes: number;
}

/** A node's storage: the real log over simulated files, everything else in memory. */
export class SimStorage implements NodeStorage {
  readonly location = 'simulated';
  readonly repairs: readonly string[] = [];
  readonly #options: SimStorageOptions;
  readonly #inner: MemoryNodeStorage;

  constructor(options: SimStorageOptions) {
    this.#options = options;
    options.disk.abandoned();
    this.#inner = new MemoryNodeStorage(options.disk.memory);
  }

  get meta(): OrderedKv {
    return this.#inner.meta;
  }

  identitySeed(fresh: () => Uint8Array): Promise<Uint8Array> {
    return this.#inner.identitySeed(fresh);
  }

  successorSeed(nodeId: string, fresh: () => Uint8Array): Promise<Uint8Array> {
    return this.#inner.successorSeed(nodeId, fresh);
  }

  succeed(): Promise<void> {
    return this.#inner.succeed();
  }

  suspectedCopy(): ReturnType<NodeStorage['suspectedCopy']> {
    return this.#inner.suspectedCopy();
  }

  settleHere(): Promise<void> {
    return this.#inner.settleHere();
  }

  stores(): Promise<readonly string[]> {
    return this.#inner.stores();
  }

  /** A directory is made under another name, and gets its own when all of it is there. */
  async createStore(uuid: string, genesis: Uint8Array): Promise<StoreStorage> {
    const files = new MemoryFiles();
    const [a = 0, b = 0, c = 0, d = 0] = this.#options.random.bytes(4);
    const salt = ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
    const { segmentBytes } = this.#options;
    const log = await SegmentLog.create(this.#slow(files), { genesis, salt }, { segmentBytes });
    const store = await this.#inner.createStore(uuid, genesis);
    this.#options.disk.files.set(uuid, files);
    return this.#withLog(uuid, store, log);
  }

  async openStore(uuid: string, loggedUpTo: LoggedUpTo = () => 0): Promise<StoreStorage> {
    const store = await this.#inner.openStore(uuid);
    const files = this.#options.disk.files.get(uuid);
    if (!files) return store;
    const { segmentBytes } = this.#options;
    const syncedTo = loggedUpTo(store.state);
    try {
      return this.#withLog(uuid, store, await SegmentLog.open(this.#slow(files), { segmentBytes, syncedTo }));
    } catch (error) {
      await store[Symbol.asyncDispose]();
      throw error;
    }
  }

  storeGenesis(uuid: string): Promise<Uint8Array> {
    return this.#inner.storeGenesis(uuid);
  }

  storeBytes(uuid: string): Promise<number> {
    return this.#inner.storeBytes(uuid);
  }

  async deleteStore(uuid: string): Promise<void> {
    await this.#inner.deleteStore(uuid);
    this.#options.disk.files.delete(uuid);
  }

  /** A backup is no fault: it is tested on real directories. */
  backUp(): Promise<never> {
    return Promise.reject(new Error('assertion failed: no simulated node is backed up'));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#inner[Symbol.asyncDispose]();
  }

  #slow(files: MemoryFiles): SlowFiles {
    return new SlowFiles(files, this.#options);
  }

  #withLog(uuid: string, store: StoreStorage, log: SegmentLog): StoreStorage {
    const { logs } = this.#options.disk;
    logs.set(uuid, log);
    return {
      genesis: store.genesis,
      log,
      state: store.state,
      repairs: [...log.repairs, ...store.repairs],
      get stateBytes() {
        return store.stateBytes;
      },
      keepCheckpoint: () => store.keepCheckpoint(),
      dropCheckpoint: () => store.dropCheckpoint(),
      openScratch: () => store.openScratch(),
      [Symbol.asyncDispose]: async () => {
        if (logs.get(uuid) === log) logs.delete(uuid);
        await log[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  }
}
