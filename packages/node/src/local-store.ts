import {
  type AuthorHistory,
  type HistoryEntry,
  loggedUpTo,
  Replica,
  type WriteOptions,
} from '@lattice/kernel';
import {
  type Kv,
  type KvBackend,
  kvConflicts,
  kvHandle,
  kvMachine,
  type KvReadBackend,
  kvReads,
} from '@lattice/kvstore';
import { type Log, type LogBackend, logHandle, logMachine, logReads } from '@lattice/logstore';
import {
  type Admission,
  type Clock,
  counted,
  equalBytes,
  type Hlc,
  hlcToMs,
  LatticeError,
  maxDriftMs,
  type NodeId,
  nodeIdFromText,
  type StoreGenesis,
  type StoreId,
  storeUuid,
} from '@lattice/model';
import { encodeGenesis } from '@lattice/proto';
import type { NodeStorage, StoreStorage } from '@lattice/storage';
import type { NodeContext } from './context.js';
import { storeClosed } from './failures.js';
import { holeWarnings } from './holes.js';
import { FreedHistories } from './freed-histories.js';
import { ReplicaLinkStore } from './link-store.js';
import { machineFor } from './machines.js';
import type {
  StoreCheckReport,
  StoreRebuildOptions,
  StoreRebuildReport,
  StoreWorkOptions,
} from './public-care.js';
import type {
  HistoryOptions,
  Mesh,
  Store,
  StoreSnapshot,
  StoreStatus,
  SyncOptions,
  SyncReport,
} from './public.js';
import { StoreCare } from './store-care.js';
import { readWhileOpen, versionsOf } from './store-history.js';
import { waitingStatus } from './waiting-status.js';
import { waitingWarnings } from './waiting-warnings.js';

/** What a store asks of the mesh that it belongs to. */
export interface StoreOwner {
  readonly mesh: Mesh;
  nameOf(store: StoreId): string;
  /** Empty where it has none. */
  memberName(node: NodeId): string;
  /** Throws `not-a-member`. */
  requireMember(): void;
  sync(store: LocalStore, options: SyncOptions): Promise<readonly SyncReport[]>;
  rename(store: LocalStore, name: string): Promise<void>;
  /** Resolves with how many bytes it had here. */
  delete(store: LocalStore): Promise<number>;
}

/** A store of a mesh, on this node. */
export class LocalStore implements Store, AsyncDisposable {
  readonly id: StoreId;
  readonly uuid: string;
  readonly type: string;
  readonly replica: Replica;
  readonly link: ReplicaLinkStore;
  readonly #owner: StoreOwner;
  readonly #clock: Clock;
  readonly #histories: FreedHistories;
  readonly #care: StoreCare;
  readonly #repairs: readonly string[];
  #closed: LatticeError | undefined;
  #log: Log | undefined;

  static async open(
    context: NodeContext,
    id: StoreId,
    genesis: StoreGenesis,
    admission: Admission,
    owner: StoreOwner,
  ): Promise<LocalStore> {
    const storage = await openStorage(context.storage, id, encodeGenesis(genesis));
    const { key, hlc: clock, timers, random, logger, checkpointPolicy } = context;
    const machine = machineFor(genesis.type);
    const own = { key, clock, timers, random, logger, ...(checkpointPolicy && { checkpointPolicy }) };
    const replica = await Replica.open({ genesis, storage, machine, admission, ...own }).catch(
      async (error: unknown) => {
        await storage[Symbol.asyncDispose]();
        throw error;
      },
    );
    heedHistory(replica, context);
    const link = new ReplicaLinkStore(replica, clock);
    return new LocalStore(replica, link, genesis.type, context, storage.repairs, owner);
  }

  private constructor(
    replica: Replica,
    link: ReplicaLinkStore,
    type: string,
    context: NodeContext,
    repairs: readonly string[],
    owner: StoreOwner,
  ) {
    this.id = replica.id;
    this.uuid = storeUuid(replica.id);
    this.type = type;
    this.replica = replica;
    this.link = link;
    this.#clock = context.clock;
    this.#histories = new FreedHistories(context);
    this.#care = new StoreCare(context, replica);
    this.#owner = owner;
    this.#repairs = repairs;
  }

  get name(): string {
    return this.#owner.nameOf(this.id);
  }

  get mesh(): Mesh {
    return this.#owner.mesh;
  }

  status(): StoreStatus {
    this.#requireOpen();
    const { forks, damaged, behind, latestTime, ...counts } = this.replica.status();
    const status = { ...counts, ...waitingStatus(this.replica, this.#clock.nowMs()) };
    return {
      ...status,
      storeId: this.id,
      type: this.type,
      forks: [...forks].map(([author, branches]) => ({ author: nodeIdFromText(author), branches })),
      conflicts: this.type === kvMachine.type ? kvConflicts(this.replica.state) : 0,
      maxTime: latestTime,
      damagedPlaces: [...this.replica.holes()].length,
      acceptedLosses: this.#care.acceptedLosses,
      warnings: [
        ...this.#repairs,
        ...holeWarnings(this.replica.holes(), { isHeldUp: damaged, kind: 'store' }),
        ...(behind ? [behindWarning] : []),
        ...upgradeWarnings(status),
        ...waitingWarnings(status, (node) => this.#owner.memberName(node)),
      ],
    };
  }

  async sync(options: SyncOptions = {}): Promise<readonly SyncReport[]> {
    this.#requireOpen();
    const reports = await this.#owner.sync(this, options);
    this.#requireOpen();
    return reports;
  }

  async rename(name: string): Promise<void> {
    this.#requireOpen();
    await this.#owner.rename(this, name);
  }

  async delete(): Promise<{ readonly freedBytes: number }> {
    this.#requireOpen();
    return { freedBytes: await this.#owner.delete(this) };
  }

  kv(): Kv {
    this.#requireKv();
    return kvHandle(this.#backend());
  }

  log(): Log {
    this.#requireLog();
    return (this.#log ??= logHandle(this.#backend()));
  }

  snapshot(): StoreSnapshot {
    this.#requireOpen();
    const snapshot = this.replica.snapshot();
    const requireOpen = () => this.#requireOpen();
    const backend: KvReadBackend = {
      get state() {
        requireOpen();
        return snapshot.state;
      },
      info: (ref) => snapshot.info(ref),
      payload: (ref) => snapshot.payload(ref),
    };
    return {
      kv: () => {
        this.#requireKv();
        return kvReads(backend);
      },
      log: () => {
        this.#requireLog();
        return logReads(backend);
      },
      [Symbol.dispose]: () => snapshot[Symbol.dispose](),
    };
  }

  history({ key, limit }: HistoryOptions = {}): Iterable<HistoryEntry> {
    this.#requireOpen();
    if (key) this.#requireKv();
    const entries = key ? versionsOf(this.replica, key) : this.replica.history();
    return readWhileOpen(entries, () => this.#requireOpen(), limit);
  }

  *authors(): Iterable<AuthorHistory> {
    const requireOpen = () => this.#requireOpen();
    for (const author of readWhileOpen(this.replica.authors(), requireOpen))
      yield { ...author, seen: () => readWhileOpen(author.seen(), requireOpen) };
  }

  async check(options: StoreWorkOptions = {}): Promise<StoreCheckReport> {
    this.#requireOpen();
    return this.#care.check(options);
  }

  async rebuild(options: StoreRebuildOptions = {}): Promise<StoreRebuildReport> {
    this.#requireOpen();
    return this.#care.rebuild(options);
  }

  /** Whoever uses it from now on is told that reason; the commit in flight comes to its end. */
  async close(reason: LatticeError): Promise<void> {
    this.#closed ??= reason;
    this.link.close(reason);
    await this.replica[Symbol.asyncDispose]();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close(storeClosed());
  }

  #requireOpen(): void {
    if (this.#closed) throw this.#closed;
  }

  #requireKv(): void {
    if (this.type !== kvMachine.type) throw this.#typeMismatch('a key-value store');
  }

  #requireLog(): void {
    if (this.type !== logMachine.type) throw this.#typeMismatch('a log');
  }

  #typeMismatch(wanted: string): LatticeError {
    const message = `Store "${this.name}" is of type "${this.type}", not ${wanted}: choose another with --store.`;
    return new LatticeError('store-type-mismatch', message);
  }

  /** The replica, for members: what another one writes would count nowhere, here neither. */
  #backend(): KvBackend & LogBackend {
    const { replica } = this;
    const requireOpen = () => this.#requireOpen();
    return {
      id: replica.id,
      get applied() {
        requireOpen();
        return replica.applied;
      },
      get state() {
        requireOpen();
        return replica.state;
      },
      info: (ref) => replica.info(ref),
      payload: (ref) => replica.payload(ref),
      write: (operations: Uint8Array, options?: WriteOptions) => {
        requireOpen();
        this.#owner.requireMember();
        this.#histories.requireBack(this.uuid, replica);
        return replica.write(operations, options);
      },
    };
  }
}

/** Opens the storage of a store, making it where it is not there yet. */
export async function openStorage(
  storage: NodeStorage,
  id: StoreId,
  genesis: Uint8Array,
): Promise<StoreStorage> {
  const uuid = storeUuid(id);
  const there = (await storage.stores()).includes(uuid);
  return there ? storage.openStore(uuid, loggedUpTo) : storage.createStore(uuid, genesis);
}

/** Where the machine's clock was never set, was set back since, or will be, history tells that it is later. */
export function heedHistory(replica: Replica, { key, clock, hlc }: NodeContext): void {
  // What others wrote was let in only when it was that late, but for what clocks may differ. What this node wrote proves nothing.
  replica.onCommit(({ bundle: { entries } }) => {
    const last = entries.at(-1);
    if (last && !equalBytes(last.author, key.nodeId)) clock.recall(pastBy(last.hlc));
  });
  if (clock.isSet) {
    const latest = replica.latestTimeOfOthers();
    clock.recall(pastBy(latest));
    hlc.observe(latest);
    return;
  }
  const { latestTime } = replica.status();
  clock.hearOf(hlcToMs(latestTime));
  hlc.observe(latestTime);
}

/** It was that late when an entry of that time was let in; by a clock that says so, the entry is within what clocks may differ. */
function pastBy(time: Hlc): number {
  return hlcToMs(time) + 1 - maxDriftMs;
}

const behindWarning =
  'The disk is full: the last that was written is on it, and not shown yet. Free some space: the rest is by itself.';

function upgradeWarnings({ needsUpgrade }: { readonly needsUpgrade: number }): readonly string[] {
  return needsUpgrade > 0
    ? [`${counted(needsUpgrade, 'entry was', 'entries were')} written by a newer version: upgrade this node.`]
    : [];
}
