import { assert, LatticeError, type Random } from '@lattice/model';
import type {
  BackupOptions,
  BackupReport,
  LoggedUpTo,
  NodeStorage,
  StoreStorage,
  SuspectedCopy,
} from '@lattice/storage';
import fs from 'node:fs/promises';
import { join } from 'node:path';
import { readBootId } from './boot-id.js';
import { backUp } from './backup.js';
import type { CopyableKv } from './copyable-kv.js';
import { directoryError } from './directory-errors.js';
import { makeDirectory, readTextFile, syncDirectory, writeFileDurably } from './durable-files.js';
import { openGuardedKv } from './guarded-kv.js';
import { type Host, systemHost } from './host.js';
import { readOrMakeIdentity } from './identity-file.js';
import { placeOf, settlePlace, suspectCopy } from './place.js';
import { refuseHalfRestored } from './restore.js';
import { putSuccessorInPlace, readOrMakeSuccessor } from './successor-file.js';
import { makeStoreDirectory, readStoreGenesis, StoreDirectory } from './store-directory.js';

export interface DataDirectoryOptions {
  readonly random: Random;
  /** Which run of the machine this is; for tests. */
  readonly bootId?: string;
  /** For tests, too. */
  readonly host?: Host;
}

/** Of the directory's layout. A directory of a greater one is left alone. */
const layoutVersion = 1;

/**
 * `NodeStorage` in a directory:
 *
 *     version               of this layout
 *     lock                  see `DirectoryLock`, which whoever opens this must hold
 *     identity.key          the node's private key
 *     identity.next         the key that is to follow it, while it is being replaced
 *     place                 where the directory is, so that a copy of it is noticed
 *     meta.db               hints, synced at each commit
 *     stores/{uuid}/logs/   segments: the truth
 *     stores/{uuid}/state.db
 *     stores/{uuid}/state.checkpoint
 *
 * Beside each LMDB file lie its `-lock` and its `-guard`. In stores/, `.new-{uuid}` and `.gone-{uuid}` are stores in the
 * making and in removal; what a crash left of them is removed on opening.
 */
export class DataDirectory implements NodeStorage {
  readonly #open = new Map<string, StoreStorage | undefined>();
  #isOpen = true;
  /** Stores that are being made or opened. */
  readonly #opening = new Map<string, Promise<unknown>>();
  #backup: Promise<unknown> = Promise.resolve();
  readonly #closing = new AbortController();

  private constructor(
    readonly location: string,
    readonly meta: CopyableKv,
    readonly repairs: readonly string[],
    private readonly bootId: string,
    private readonly random: Random,
    private readonly host: Host,
  ) {}

  /**
   * Opens the directory, or makes it. Rejects with `data-dir-not-writable`, `data-dir-not-a-directory`, `data-dir-newer`,
   * `disk-full` or `disk-failed`.
   */
  static async open(path: string, options: DataDirectoryOptions): Promise<DataDirectory> {
    try {
      await prepare(path);
      const bootId = options.bootId ?? (await readBootId());
      const { kv, repairs } = await openGuardedKv(join(path, 'meta.db'), { durable: true, bootId });
      const { random, host = systemHost } = options;
      return new DataDirectory(path, kv, repairs, bootId, random, host);
    } catch (error) {
      throw directoryError(error, path);
    }
  }

  identitySeed(fresh: () => Uint8Array): Promise<Uint8Array> {
    this.#assertOpen();
    const path = join(this.location, 'identity.key');
    // Made in silence beside stores that are there, another identity would be no member of its own meshes.
    return this.#on(
      readOrMakeIdentity(path, async () => ((await this.stores()).length === 0 ? fresh() : undefined)),
    );
  }

  successorSeed(nodeId: string, fresh: () => Uint8Array): Promise<Uint8Array> {
    this.#assertOpen();
    const { location, host } = this;
    const whereabouts = placeOf(location, nodeId, host);
    return this.#on(whereabouts.then((here) => readOrMakeSuccessor(location, here, fresh)));
  }

  succeed(): Promise<void> {
    this.#assertOpen();
    return this.#on(putSuccessorInPlace(this.location));
  }

  suspectedCopy(nodeId: string): Promise<SuspectedCopy | undefined> {
    this.#assertOpen();
    return suspectCopy(this.location, nodeId, this.host);
  }

  settleHere(nodeId: string): Promise<void> {
    this.#assertOpen();
    return this.#on(settlePlace(this.location, nodeId, this.host));
  }

  async stores(): Promise<readonly string[]> {
    this.#assertOpen();
    const names = await this.#on(fs.readdir(storesPath(this.location)));
    return names.filter(isUuid).sort();
  }

  async createStore(uuid: string, genesis: Uint8Array): Promise<StoreStorage> {
    this.#assertOpen();
    assert(isUuid(uuid), 'a store is named by a UUID');
    if (await this.#has(uuid)) throw new LatticeError('store-exists', `There is a store ${uuid} already.`);
    const [a = 0, b = 0, c = 0, d = 0] = this.random.bytes(4);
    const header = { genesis, salt: ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 };
    const made = this.#on(makeStoreDirectory(this.#path(`.new-${uuid}`), this.#path(uuid), header));
    return this.#while(
      uuid,
      made.then(() => this.#openNow(uuid)),
    );
  }

  async storeGenesis(uuid: string): Promise<Uint8Array> {
    this.#assertOpen();
    if (!(await this.#has(uuid))) throw notFound(uuid);
    return this.#open.get(uuid)?.genesis.slice() ?? this.#on(readStoreGenesis(this.#path(uuid)));
  }

  async openStore(uuid: string, loggedUpTo?: LoggedUpTo): Promise<StoreStorage> {
    this.#assertOpen();
    await this.#backup;
    return this.#while(uuid, this.#openNow(uuid, loggedUpTo));
  }

  async #openNow(uuid: string, loggedUpTo: LoggedUpTo = () => 0): Promise<StoreStorage> {
    this.#assertOpen();
    if (!(await this.#has(uuid))) throw notFound(uuid);
    assert(!this.#open.has(uuid), 'a store is opened once at a time');
    this.#open.set(uuid, undefined);
    try {
      const onClosed = () => this.#open.delete(uuid);
      const store = await StoreDirectory.open(this.#path(uuid), this.bootId, loggedUpTo, onClosed);
      this.#open.set(uuid, store);
      return store;
    } catch (error) {
      this.#open.delete(uuid);
      throw directoryError(error, this.location);
    }
  }

  async storeBytes(uuid: string): Promise<number> {
    this.#assertOpen();
    if (!(await this.#has(uuid))) throw notFound(uuid);
    return this.#on(bytesOnDisk(this.#path(uuid)));
  }

  async deleteStore(uuid: string): Promise<void> {
    this.#assertOpen();
    if (!(await this.#has(uuid))) throw notFound(uuid);
    assert(!this.#open.has(uuid), 'a store is closed before it is deleted');
    await this.#backup;
    await this.#on(removeStore(this.#path(uuid), this.#path(`.gone-${uuid}`), storesPath(this.location)));
  }

  backUp(target: string, options: BackupOptions): Promise<BackupReport> {
    this.#assertOpen();
    const done = this.#backup.then(() => this.#backUp(target, options));
    this.#backup = done.catch(() => undefined);
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#closing.abort();
    await this.#backup;
    for (const store of [...this.#open.values()]) await store?.[Symbol.asyncDispose]();
    await this.meta[Symbol.asyncDispose]();
  }

  async #backUp(target: string, options: BackupOptions): Promise<BackupReport> {
    while (this.#opening.size > 0) await Promise.allSettled(this.#opening.values());
    const names = await this.stores();
    // One moment for all stores. Those that are being made have nothing yet; others are not opened until this is over.
    const there = names.filter((name) => !this.#opening.has(name));
    const logEnds = new Map(there.map((name) => [name, this.#open.get(name)?.log.end]));
    const ending = new AbortController();
    const end = () => ending.abort();
    const signals = [this.#closing.signal, ...(options.signal ? [options.signal] : [])];
    for (const signal of signals) signal.addEventListener('abort', end, { once: true });
    if (signals.some((signal) => signal.aborted)) end();
    try {
      const source = { location: this.location, meta: this.meta, logEnds };
      return await backUp(source, target, { ...options, signal: ending.signal });
    } finally {
      for (const signal of signals) signal.removeEventListener('abort', end);
    }
  }

  async #while<T>(uuid: string, opening: Promise<T>): Promise<T> {
    this.#opening.set(uuid, opening);
    try {
      return await opening;
    } finally {
      if (this.#opening.get(uuid) === opening) this.#opening.delete(uuid);
    }
  }

  async #has(uuid: string): Promise<boolean> {
    return (await this.stores()).includes(uuid);
  }

  #path(name: string): string {
    return join(storesPath(this.location), name);
  }

  async #on<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      throw directoryError(error, this.location);
    }
  }

  #assertOpen(): void {
    assert(this.#isOpen, 'the data directory is open');
  }
}

async function prepare(path: string): Promise<void> {
  await makeDirectory(path);
  await refuseHalfRestored(path);
  await fs.access(path, fs.constants.R_OK | fs.constants.W_OK | fs.constants.X_OK);
  await checkVersion(join(path, 'version'));
  await makeDirectory(storesPath(path));
  for (const name of await fs.readdir(storesPath(path))) {
    if (/^\.(?:new|gone)-/.test(name))
      await fs.rm(join(storesPath(path), name), { recursive: true, force: true });
  }
}

async function checkVersion(path: string): Promise<void> {
  const text = await readTextFile(path);
  if (text === undefined) return writeFileDurably(path, `${layoutVersion}\n`, 0o644);
  if (text.trim() === String(layoutVersion)) return;
  throw new LatticeError(
    'data-dir-newer',
    `${path} says ${JSON.stringify(text.trim().slice(0, 20))}, and this program knows only version ${layoutVersion}: install a newer one.`,
  );
}

/** It is gone when its name is, and what a crash leaves of it is removed on the next opening. */
async function removeStore(path: string, gone: string, stores: string): Promise<void> {
  await fs.rm(gone, { recursive: true, force: true });
  await fs.rename(path, gone);
  await syncDirectory(stores);
  await fs.rm(gone, { recursive: true });
}

/** Of all files under a path. Segments are extended ahead, which takes no room: what counts is what is allocated. */
async function bytesOnDisk(path: string): Promise<number> {
  const entries = await fs.readdir(path, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  const sizes = files.map(async ({ parentPath, name }) => {
    // One that is gone by now, such as a guard, takes nothing.
    const stats = await fs.stat(join(parentPath, name)).catch(() => undefined);
    return stats === undefined ? 0 : Math.min(stats.size, stats.blocks * statBlockBytes);
  });
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

/** What `stat` counts in, whatever the file system's own blocks are. */
const statBlockBytes = 512;

function storesPath(path: string): string {
  return join(path, 'stores');
}

function isUuid(name: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name);
}

function notFound(uuid: string): LatticeError {
  return new LatticeError('store-not-found', `There is no store ${uuid} here.`);
}
