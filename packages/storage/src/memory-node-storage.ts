import { assert, LatticeError } from '@lattice/model';
import { MemoryKv, MemoryKvContent, type MemoryTables } from './memory-kv.js';
import { MemoryLog, MemoryLogContent } from './memory-log.js';
import type {
  BackupOptions,
  BackupReport,
  DamagedLog,
  NodeStorage,
  StoreStorage,
  SuspectedCopy,
} from './node-storage.js';
import type { OrderedKv } from './ordered-kv.js';

/**
 * What a node in memory leaves behind when its process ends: open the same disk with another `MemoryNodeStorage` and
 * all is there. Tests reach into it to damage things.
 */
export class MemoryDisk {
  identity: Uint8Array | undefined;
  /** What is to follow it. */
  successor: Uint8Array | undefined;
  /** What is to be said of it; a disk in memory shows no traces of where it comes from. */
  suspectedCopy: SuspectedCopy | undefined;
  readonly meta = new MemoryKvContent();
  readonly stores = new Map<string, MemoryStore>();
  /** By where they were made. */
  readonly backups = new Map<string, MemoryDisk>();
  /** Whoever has the disk open; a later opener, or a crash, takes it away. */
  owner: MemoryNodeStorage | undefined;

  /** Ends the process that has the disk open, as SIGKILL does: what it was about to write is not written. */
  kill(): void {
    const owner = this.owner;
    this.owner = undefined;
    owner?.abandon();
  }

  /** Crashes the machine: what was appended and acknowledged stays, states that were not closed go back to their checkpoints. */
  crash(): void {
    for (const store of this.stores.values()) {
      if (!store.isOpen) continue;
      store.state.replace(store.checkpoint ?? new Map());
      store.repairs.push('The state was left behind by a crash of the machine: it is rebuilt from the log.');
    }
    this.kill();
  }
}

/** One store on a `MemoryDisk`. */
export class MemoryStore {
  readonly log = new MemoryLogContent();
  readonly state = new MemoryKvContent();
  readonly repairs: string[] = [];
  /** What the state's tables were. */
  checkpoint: MemoryTables | undefined;
  isOpen = false;

  constructor(readonly genesis: Uint8Array) {}
}

/** `NodeStorage` in memory. */
export class MemoryNodeStorage implements NodeStorage {
  readonly location = 'memory';
  readonly repairs: readonly string[] = [];
  readonly meta: MemoryKv;
  readonly #open = new Set<OpenMemoryStore>();

  constructor(private readonly disk = new MemoryDisk()) {
    disk.kill();
    disk.owner = this;
    this.meta = new MemoryKv(disk.meta);
  }

  identitySeed(fresh: () => Uint8Array): Promise<Uint8Array> {
    this.#assertOwner();
    this.disk.identity ??= fresh().slice();
    return Promise.resolve(this.disk.identity.slice());
  }

  successorSeed(_nodeId: string, fresh: () => Uint8Array): Promise<Uint8Array> {
    this.#assertOwner();
    this.disk.successor ??= fresh().slice();
    return Promise.resolve(this.disk.successor.slice());
  }

  succeed(): Promise<void> {
    this.#assertOwner();
    assert(this.disk.successor, 'a successor was made');
    this.disk.identity = this.disk.successor;
    this.disk.successor = undefined;
    this.disk.suspectedCopy = undefined;
    return Promise.resolve();
  }

  suspectedCopy(): Promise<SuspectedCopy | undefined> {
    this.#assertOwner();
    return Promise.resolve(this.disk.suspectedCopy);
  }

  settleHere(): Promise<void> {
    this.#assertOwner();
    this.disk.suspectedCopy = undefined;
    return Promise.resolve();
  }

  stores(): Promise<readonly string[]> {
    this.#assertOwner();
    return Promise.resolve([...this.disk.stores.keys()].sort());
  }

  async createStore(uuid: string, genesis: Uint8Array): Promise<StoreStorage> {
    this.#assertOwner();
    if (this.disk.stores.has(uuid))
      throw new LatticeError('store-exists', `There is a store ${uuid} already.`);
    this.disk.stores.set(uuid, new MemoryStore(genesis.slice()));
    return this.openStore(uuid);
  }

  storeGenesis(uuid: string): Promise<Uint8Array> {
    this.#assertOwner();
    const store = this.disk.stores.get(uuid);
    return store === undefined ? Promise.reject(notFound(uuid)) : Promise.resolve(store.genesis.slice());
  }

  openStore(uuid: string): Promise<StoreStorage> {
    this.#assertOwner();
    const store = this.disk.stores.get(uuid);
    if (store === undefined) return Promise.reject(notFound(uuid));
    assert(!store.isOpen, 'a store is opened once at a time');
    store.isOpen = true;
    const opened = new OpenMemoryStore(store, () => this.#open.delete(opened));
    this.#open.add(opened);
    return Promise.resolve(opened);
  }

  storeBytes(uuid: string): Promise<number> {
    this.#assertOwner();
    const store = this.disk.stores.get(uuid);
    return store === undefined
      ? Promise.reject(notFound(uuid))
      : Promise.resolve(store.log.end + store.state.bytes());
  }

  deleteStore(uuid: string): Promise<void> {
    this.#assertOwner();
    const store = this.disk.stores.get(uuid);
    if (store === undefined) return Promise.reject(notFound(uuid));
    assert(!store.isOpen, 'a store is closed before it is deleted');
    this.disk.stores.delete(uuid);
    return Promise.resolve();
  }

  backUp(target: string, { signal, onProgress }: BackupOptions): Promise<BackupReport> {
    this.#assertOwner();
    const { backups, stores, identity, meta } = this.disk;
    if (backups.has(target))
      return Promise.reject(new LatticeError('backup-target-not-empty', `${target} is not empty.`));
    const copy = new MemoryDisk();
    copy.identity = identity?.slice();
    copy.meta.replace(meta.copies());
    const damaged: DamagedLog[] = [];
    let bytes = 0;
    for (const [uuid, store] of stores) {
      const copied = new MemoryStore(store.genesis.slice());
      const records = [...store.log.itemsFrom(0)].flatMap((item) =>
        item.kind === 'record' ? [item.record] : [],
      );
      for (const { kind, offset, next } of store.log.itemsFrom(0))
        if (kind === 'damaged') damaged.push({ store: uuid, offset, next });
      copied.log.append(records);
      copy.stores.set(uuid, copied);
      bytes += store.log.end;
    }
    onProgress?.({ bytes, ofBytes: bytes });
    if (signal?.aborted) return Promise.reject(signal.reason);
    backups.set(target, copy);
    return Promise.resolve({ stores: stores.size, bytes, damaged });
  }

  [Symbol.asyncDispose](): Promise<void> {
    if (this.disk.owner === this) this.disk.kill();
    return Promise.resolve();
  }

  /** For `MemoryDisk`: from here on this storage is of no use. */
  abandon(): void {
    for (const store of this.#open) store.close();
    this.meta.close();
  }

  #assertOwner(): void {
    assert(this.disk.owner === this, 'the disk is open, and by this storage');
  }
}

class OpenMemoryStore implements StoreStorage {
  readonly genesis: Uint8Array;
  readonly log: MemoryLog;
  readonly state: MemoryKv;
  readonly repairs: readonly string[];
  #open = true;

  constructor(
    private readonly store: MemoryStore,
    private readonly onClose: () => void,
  ) {
    this.genesis = store.genesis.slice();
    this.log = new MemoryLog(store.log);
    this.state = new MemoryKv(store.state);
    this.repairs = store.repairs.splice(0);
  }

  get stateBytes(): number {
    return this.store.state.bytes();
  }

  openScratch(): Promise<OrderedKv> {
    assert(this.#open, 'the store is open');
    return Promise.resolve(new MemoryKv());
  }

  async keepCheckpoint(): Promise<void> {
    assert(this.#open, 'the store is open');
    // As with a disk, commits go on meanwhile; a crash in between means that the one before stays.
    await Promise.resolve();
    if (this.#open) this.store.checkpoint = this.store.state.copies();
  }

  dropCheckpoint(): Promise<void> {
    assert(this.#open, 'the store is open');
    this.store.checkpoint = undefined;
    return Promise.resolve();
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.state.close();
    this.log.close();
    this.store.isOpen = false;
    this.onClose();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }
}

function notFound(uuid: string): LatticeError {
  return new LatticeError('store-not-found', `There is no store ${uuid} here.`);
}
