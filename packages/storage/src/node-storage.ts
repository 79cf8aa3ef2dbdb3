import type { Log, LogStretch } from './log.js';
import type { OrderedKv } from './ordered-kv.js';

/** All that one node keeps on disk: the port behind which there is a data directory or, in tests, memory. */
export interface NodeStorage extends AsyncDisposable {
  /** Where it is, for people. */
  readonly location: string;

  /** What was found amiss with the node's own files on opening and dealt with, in words for the operator. */
  readonly repairs: readonly string[];

  /** The node's 32-byte Ed25519 seed: read, or made from `fresh` (32 random bytes) and kept. Rejects with `identity-...`. */
  identitySeed(fresh: () => Uint8Array): Promise<Uint8Array>;

  /**
   * The seed that is to follow the identity's: one that waits already and was made here, or made from `fresh` and kept beside it.
   * `nodeId`: the present one's. Rejects as a write does.
   */
  successorSeed(nodeId: string, fresh: () => Uint8Array): Promise<Uint8Array>;

  /** Puts the successor in the identity's place, in one step; the seed before is gone. */
  succeed(): Promise<void>;

  /**
   * What says that all this is a copy, whose node may be living on elsewhere. To be asked once, when the identity is there:
   * what says nothing now is what it is compared with next time. Never rejects. `nodeId`: hexadecimal.
   */
  suspectedCopy(nodeId: string): Promise<SuspectedCopy | undefined>;

  /** What is here now is no copy, whatever said so. Rejects as a write does. */
  settleHere(nodeId: string): Promise<void>;

  /** Node-wide hints: address book, selection, ports. Nothing in it is irreplaceable. A commit is on disk at once. */
  readonly meta: OrderedKv;

  /** The names (UUIDs) of the stores that are there. */
  stores(): Promise<readonly string[]>;

  /** Makes a store that is not there yet; once resolved, it survives a crash of the machine. Rejects with `store-exists`. */
  createStore(uuid: string, genesis: Uint8Array): Promise<StoreStorage>;

  /** Which store that is, without opening it. Rejects as `openStore` does. */
  storeGenesis(uuid: string): Promise<Uint8Array>;

  /**
   * `loggedUpTo`: what tells of a state how far into the log it reaches. Rejects with `store-not-found` or `store-damaged`. One
   * process and one caller have a store open at a time.
   */
  openStore(uuid: string, loggedUpTo?: LoggedUpTo): Promise<StoreStorage>;

  /** How much disk a store takes, open or closed: bytes. Rejects with `store-not-found`. */
  storeBytes(uuid: string): Promise<number>;

  /** Removes a closed store and frees its disk. Rejects with `store-not-found`. */
  deleteStore(uuid: string): Promise<void>;

  /**
   * Copies all that is needed to begin again from as it is now to an empty folder, or one that is not there, while stores are
   * written to: what was acknowledged before is in it. Stores that are closed are not opened meanwhile, and none is
   * deleted. Rejects with `backup-target-...`, `disk-full`, `disk-failed` or as `signal` says; what was copied is then removed.
   */
  backUp(target: string, options: BackupOptions): Promise<BackupReport>;
}

/**
 * The offset in the log up to which a state has taken it in; 0 where it says nothing of that. All before it was synced once: what
 * is damaged there is lost, and not what a crash left of a write that nobody relies on.
 */
export type LoggedUpTo = (state: OrderedKv) => number;

/** Why a data directory seems to be a copy. */
export type SuspectedCopy =
  /** Another one on this machine holds the same node. */
  | { readonly kind: 'original-beside'; readonly original: string }
  /** It was never opened on this machine. */
  | { readonly kind: 'other-machine' }
  /** Its files are other ones than those that were here. */
  | { readonly kind: 'put-back' };

export interface BackupOptions {
  /** Whose it is: hexadecimal. */
  readonly nodeId: string;
  /** Unix milliseconds. */
  readonly createdMs: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void;
}

export interface BackupProgress {
  readonly bytes: number;
  readonly ofBytes: number;
}

export interface BackupReport {
  readonly stores: number;
  readonly bytes: number;
  /** What of the logs is damaged, and so of the copy, too. */
  readonly damaged: readonly DamagedLog[];
}

/** A stretch of a store's log, by UUID, that holds no intact record. */
export interface DamagedLog extends LogStretch {
  readonly store: string;
}

/** One store's truth (`log`, and the genesis that heads each of its segments) and what is computed from it (`state`). */
export interface StoreStorage extends AsyncDisposable {
  readonly genesis: Uint8Array;
  readonly log: Log;
  /**
   * What it was at its last checkpoint, or empty, where it could not be trusted (damaged, or left behind by a crash of the
   * machine): whoever opens the store computes the rest from the log.
   */
  readonly state: OrderedKv;
  /** How much disk the state takes: bytes. */
  readonly stateBytes: number;
  /**
   * Copies the state, as it is after some commit from now on, to where a crash of the machine does not harm it, in the
   * place of the copy before; commits go on meanwhile. One call at a time. Rejects with `disk-full` (also where it would get tight), or
   * `disk-failed`; the copy before is then still there.
   */
  keepCheckpoint(): Promise<void>;
  /** Once resolved, no checkpoint comes back: to be called before the log stops being one that goes on from it. */
  dropCheckpoint(): Promise<void>;
  /**
   * An empty one beside `state`, to compute another state in: it is gone when it is closed, or when the store is opened
   * again. To be closed before the store is. Rejects with `disk-full`.
   */
  openScratch(): Promise<OrderedKv>;
  /** What was found amiss on opening and dealt with, in words for the operator. */
  readonly repairs: readonly string[];
}
