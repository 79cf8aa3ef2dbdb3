import type { AuthorHistory, HistoryEntry } from '@lattice/kernel';
import type { Kv, KvReads } from '@lattice/kvstore';
import type { Log, LogReads } from '@lattice/logstore';
import type { Hash, Hlc, LogLevel, NodeId, StoreId } from '@lattice/model';
import type { LinkSyncProgress, LinkSyncReport } from '@lattice/net';
import type { BackupReport, ClockRepairedStore, LeaveReport, RotateReport } from './node-reports.js';
import type {
  AcceptedLoss,
  StoreCheckReport,
  StoreRebuildOptions,
  StoreRebuildReport,
  StoreWorkOptions,
} from './public-care.js';

export type { BackupReport, ClockRepairedStore, LeaveReport, RotateReport } from './node-reports.js';

/** This machine's part in any number of meshes: what an application embeds and what the daemon serves. */
export interface Node extends AsyncDisposable {
  readonly id: NodeId;
  status(): NodeStatus;

  /**
   * Calls this node so, in all its meshes and in those that it joins later; kept across runs. Resolves with the number of
   * meshes. Rejects with `invalid-name`.
   */
  setName(name: string): Promise<number>;

  /**
   * Its owner says that no other copy of its data is in use, whatever the warnings guess: they stop. Resolves with whether there
   * was one. Rejects with `disk-full` or `disk-failed`.
   */
  keepIdentity(): Promise<boolean>;

  /**
   * Gives this node another key, and closes it: what is opened there next is the new identity, with all that there is. The
   * old one lets it in wherever it is a member, by entries that other members hear of with their next sync, and stays a
   * member: another copy of it may be in use. Cut off at any moment, the node is still the old one, and doing it again goes on;
   * or it is the new one everywhere. `name`: what to call it; as before if not given. Rejects with `clock-ahead`,
   * `invalid-name`, or as a write does.
   */
  rotate(options?: { readonly name?: string }): Promise<RotateReport>;

  /**
   * For a machine whose clock was ahead and is right now: issues again what it dated too far in the future for others to take,
   * without any operation taking effect twice. What is to be done that way shows in the status. Rejects with `clock-not-set`.
   */
  repairClock(): Promise<readonly ClockRepairedStore[]>;

  /** Binds the transport and starts to keep up with peers. Idempotent; nothing local ever waits for it. */
  startNetwork(): Promise<void>;

  /** Makes a mesh with this node as its creator, and its first store, a key-value store named "main". Selects both. */
  createMesh(options?: { readonly name?: string }): Promise<Mesh>;

  /**
   * Joins the mesh of an invite token, through whichever of the members it names answers first; resolves once this node
   * is a member and has synced the mesh store. Where it is in the mesh already, the token tells where members are, those too that
   * it has not heard of. Rejects with `token-...`, `invite-refused`, `no-member-reachable` or `aborted`.
   */
  joinMesh(token: string, options?: { readonly signal?: AbortSignal; readonly name?: string }): Promise<Mesh>;

  /**
   * Ends this node's own membership for good, and removes what it has of the mesh from its disk. Syncs first. Rejects, unless
   * forced, with `last-member` where there is nobody else, with `unsynced-entries` where entries may be nowhere else, and with
   * `store-damaged` where what lists the stores may be lost.
   */
  leaveMesh(
    mesh: Mesh,
    options?: { readonly force?: boolean; readonly signal?: AbortSignal },
  ): Promise<LeaveReport>;

  meshes(): readonly Mesh[];
  /** By any unambiguous prefix of its UUID, or its name. Throws `mesh-not-found` or `mesh-ambiguous`. */
  mesh(idOrName: string): Mesh;

  /** The mesh and the store that commands mean when they name none; kept across runs. */
  selection(): { readonly mesh?: Mesh; readonly store?: Store };
  select(mesh: Mesh, store?: Store): void;

  /**
   * Copies all of this node but what is computed, its key included, to a folder that is empty or not there, as it is now and
   * while it goes on. Rejects with `backup-target-...`, `disk-full`, `disk-failed` or `aborted`; what was copied is then removed.
   */
  backup(
    target: string,
    options?: { readonly signal?: AbortSignal; readonly onProgress?: (progress: BackupProgress) => void },
  ): Promise<BackupReport>;

  /** What happens, as it happens. Returns what unsubscribes. */
  subscribe(listener: (event: NodeEvent) => void): () => void;
}

/** How far a backup is. */
export interface BackupProgress {
  readonly bytes: number;
  readonly ofBytes: number;
}

export interface NodeStatus {
  readonly nodeId: NodeId;
  /** What it calls itself in meshes; may be empty. */
  readonly name: string;
  /** Where this node can be reached; empty before the network started. */
  readonly addresses: readonly string[];
  /** The relay in use: a URL, "default" or "off". */
  readonly relay: string;
  readonly dataDir: string;
  readonly version: string;
  /** One sentence each, with what to do. */
  readonly warnings: readonly string[];
}

export interface Mesh {
  readonly id: StoreId;
  /** The id on screen. */
  readonly uuid: string;
  readonly name: string;
  status(): MeshStatus;
  /** A token that lets one node join. `expiresInMs` defaults to 24 hours. */
  createInvite(options?: { readonly expiresInMs?: number }): Promise<Invite>;
  /** Every member that there is or was, this node included. */
  peers(): readonly PeerStatus[];
  /** Ends a member's say after what is known of it now, for good. Syncs first. Rejects with `member-...`. */
  revoke(node: NodeId, options?: { readonly signal?: AbortSignal }): Promise<RevokeReport>;
  /** By any unambiguous prefix (at least 4 digits) of the hexadecimal id, or its name. Throws `member-not-found`, `member-ambiguous`. */
  member(idOrName: string): NodeId;
  /** `type` defaults to "kv". Rejects with `store-type-...`, `store-name-taken` or `invalid-name`. */
  createStore(options?: { readonly type?: string; readonly name?: string }): Promise<Store>;
  stores(): readonly Store[];
  /** By any unambiguous prefix of its UUID, or its name. Throws `store-not-found` or `store-ambiguous`. */
  store(idOrName: string): Store;
  /** `Store.check` of the mesh's own store. */
  check(options?: StoreWorkOptions): Promise<StoreCheckReport>;
  /**
   * `Store.rebuild` of the mesh's own store. With `acceptLoss` members and stores are those that it speaks of without what was
   * lost, and with all that this node wrote since.
   */
  rebuild(options?: StoreRebuildOptions): Promise<StoreRebuildReport>;
}

export interface MeshStatus {
  readonly id: StoreId;
  readonly name: string;
  readonly members: number;
  /** Of the other members: how many are connected. */
  readonly online: number;
  readonly stores: number;
  /** Of the mesh store; equal on two nodes exactly when they hold the same of it. */
  readonly digest: Uint8Array;
  /** Stretches of the log of the mesh store that are damaged, and not mended yet. */
  readonly damagedPlaces: number;
  /** What rebuilds of the mesh store were told to go on without, the first one first. */
  readonly acceptedLosses: readonly AcceptedLoss[];
}

export interface Invite {
  readonly token: string;
  readonly expiresAtMs: number;
}

export interface RevokeReport {
  /** How many entries, over all stores, stop counting. */
  readonly cutEntries: number;
  /** Whether some member was reached first, so that the cut-off is more than this node's own view. */
  readonly synced: boolean;
}

export interface PeerStatus {
  readonly nodeId: NodeId;
  readonly name: string;
  /** "left": revoked by nobody but itself. */
  readonly status: 'member' | 'revoked' | 'left';
  /**
   * Whether it is connected. Of this node itself: whether its network runs. `undefined`: it is not connected, and need not be,
   * as of more than eight members each node is connected with some only; whether it is there is not known here.
   */
  readonly online: boolean | undefined;
  readonly self: boolean;
  readonly addresses: readonly string[];
  readonly lastSeenMs?: number;
  /** While it is connected: "lan", "direct" or "relay", and the address. "lan" is direct, over a link that both are on. */
  readonly path?: string;
  readonly rttMs?: number;
  /** While it is connected: by how much its clock is ahead of this node's, or with a negative number behind. */
  readonly clockAheadMs?: number;
  /** Where it broke the protocol within a day: how, when, and for how long it is neither dialled nor listened to yet. */
  readonly offence?: { readonly reason: string; readonly atMs: number; readonly barredMs: number };
  /** What it last said that it has, the mesh store included; of stores that it never spoke of, nothing. */
  readonly stores: readonly PeerStoreStatus[];
}

export interface PeerStoreStatus {
  readonly store: StoreId;
  /** Whether it had exactly what this node has now. */
  readonly inSync: boolean;
  /** How many entries it lacks at least of those that this node has. 0 is possible also where it is not in sync. */
  readonly lacks: number;
  /** When it said so: Unix milliseconds. */
  readonly asOfMs: number;
}

export interface Store {
  readonly id: StoreId;
  readonly uuid: string;
  readonly name: string;
  readonly type: string;
  readonly mesh: Mesh;
  status(): StoreStatus;
  /** Reconciles with every reachable member now. */
  sync(options?: SyncOptions): Promise<readonly SyncReport[]>;
  /** Names it anew, for every member. Rejects with `store-name-taken` or `invalid-name`. */
  rename(name: string): Promise<void>;
  /**
   * Takes it off the mesh's list, for every member and for good, and frees its disk here; resolves with how much that was.
   * Other members keep theirs aside for a week. Whoever uses it after that is told `store-closed`.
   */
  delete(): Promise<{ readonly freedBytes: number }>;
  /** Throws `store-type-mismatch` where this is another type of store. */
  kv(): Kv;
  /** The same of a log. */
  log(): Log;
  /**
   * All that the store holds at this moment, to be read whatever is written, synced or rebuilt meanwhile. Throws
   * `too-many-snapshots` where 64 of them are open.
   *
   * ```ts
   * using snapshot = store.snapshot();
   * for (const { key, value } of snapshot.kv().list()) total += value.length;
   * ```
   *
   * It ends with its disposal, and 60 s after it was taken, since the store's file grows while it is open: to read it then
   * throws `snapshot-expired`, or `store-closed` once the store is closed.
   */
  snapshot(): StoreSnapshot;
  /**
   * All entries that this node has, newest first by (time, author, entry hash): none comes before one that has it in its past. Read
   * as much of it as is wanted. Throws `store-type-mismatch` where a key is given and this is no key-value store.
   */
  history(options?: HistoryOptions): Iterable<HistoryEntry>;
  /** How far the history of each author goes, by node id. */
  authors(): Iterable<AuthorHistory>;
  /**
   * Verifies the store from end to end while it serves: checksums, hashes, chain links, one signature per chain and bundle,
   * and index and state against what the log makes of them. Changes nothing. Rejects with `store-closed`, `disk-full` or an `AbortError`.
   */
  check(options?: StoreWorkOptions): Promise<StoreCheckReport>;
  /**
   * Computes index and state anew from the log while the old ones serve, and puts them in their place. Rejects with
   * `store-damaged` where that would forget what this node wrote, with `log-lost-entries` where the log has lost what the
   * state has now, unless an option allows it; else as `check` does.
   */
  rebuild(options?: StoreRebuildOptions): Promise<StoreRebuildReport>;
}

/** What a store held at one moment. */
export interface StoreSnapshot extends Disposable {
  /** Throws `store-type-mismatch` where this is another type of store. */
  kv(): KvReads;
  /** The same of a log. */
  log(): LogReads;
}

export interface HistoryOptions {
  /** Only the versions of that key, each with its one operation and the whole value; deps are versions, heads the key's. */
  readonly key?: Uint8Array;
  /** At most so many. */
  readonly limit?: number;
}

export interface StoreStatus {
  readonly storeId: StoreId;
  readonly type: string;
  /** Entries in the DAG that are kept, over all chains. */
  readonly entries: number;
  readonly chains: number;
  /** Entries that wait for an ancestor. */
  readonly pending: number;
  /** Entries whose time lies too far ahead of this node's clock. */
  readonly held: number;
  /** What pending entries wait for: at most 16, those first that most wait for. */
  readonly missing: readonly MissingEntry[];
  /** Whose entries are held because of what they claim: at most 16. */
  readonly heldAuthors: readonly HeldAuthor[];
  /** Authors with more than one branch, and how many branches. */
  readonly forks: readonly { readonly author: NodeId; readonly branches: number }[];
  /** 32 bytes, equal on two nodes exactly when they hold the same entries. */
  readonly digest: Uint8Array;
  /** Entries skipped since a newer version of the machine wrote them. */
  readonly needsUpgrade: number;
  /** Keys with more than one head, those included that are absent since the winner deleted them; of other types 0. */
  readonly conflicts: number;
  readonly maxTime: Hlc;
  /** Stretches of the log that are damaged on disk, and not mended yet. */
  readonly damagedPlaces: number;
  /** What rebuilds were told to go on without, the first one first. */
  readonly acceptedLosses: readonly AcceptedLoss[];
  readonly warnings: readonly string[];
}

/** An entry that is not here although others name it. */
export interface MissingEntry {
  readonly author: NodeId;
  readonly seq: number;
  readonly entry: Hash;
  /** How many entries wait for it. */
  readonly waiting: number;
  /** Who handed one of those over; `undefined`: they come from this node's own disk, which is damaged. */
  readonly sender: NodeId | undefined;
}

/** An author of entries that are dated too far ahead of this node's clock. */
export interface HeldAuthor {
  readonly author: NodeId;
  readonly entries: number;
  /** By how many milliseconds the latest is ahead. */
  readonly aheadMs: number;
  /** Whether the author issued all of them again, with a clock that was set right since: then nobody misses anything. */
  readonly isRepaired?: true;
}

export interface SyncOptions {
  readonly signal?: AbortSignal;
  /** Hears how far the sync with one of the peers is, each time that entries went one way or the other. */
  readonly onProgress?: (progress: SyncProgress) => void;
}

/** How far a sync with one peer is. */
export type SyncProgress = LinkSyncProgress;

/** How a sync with one peer went. */
export type SyncReport = Omit<LinkSyncReport, 'store' | 'knownToPeer'>;

export type NodeEvent =
  /** Of more than eight members, a node tells so of those alone that it is, or was, connected with. */
  | {
      readonly kind: 'peer-online' | 'peer-offline';
      readonly mesh: StoreId;
      readonly peer: NodeId;
      readonly name: string;
    }
  | {
      readonly kind: 'member-joined' | 'member-revoked' | 'member-left';
      readonly mesh: StoreId;
      readonly peer: NodeId;
      readonly name: string;
    }
  | {
      readonly kind: 'store-created' | 'store-renamed' | 'store-deleted';
      readonly mesh: StoreId;
      readonly store: StoreId;
      /** What it is called now, or was when it was deleted. */
      readonly name: string;
      /** Whether this node did it. */
      readonly own: boolean;
    }
  | { readonly kind: 'store-changed'; readonly store: StoreId; readonly entries: number }
  | { readonly kind: 'fork-seen'; readonly store: StoreId; readonly author: NodeId }
  | {
      /** Keys came to have more than one head. */
      readonly kind: 'conflict-seen';
      readonly store: StoreId;
      /** The first 8 of them. */
      readonly keys: readonly Uint8Array[];
      readonly count: number;
    }
  | { readonly kind: 'warning'; readonly level: LogLevel; readonly message: string };
