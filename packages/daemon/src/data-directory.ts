import { LatticeError } from '@lattice/model';
import type { BackupProgress, Node } from '@lattice/node';
import type { Spool } from './spool.js';

/**
 * A node's place on this machine, which one process at a time may have open. `diskDirectory` is the real one; there is
 * one in memory for tests.
 */
export interface DataDirectory {
  /** As people know it. */
  readonly path: string;
  /** Where the present owner says that it listens. Cheap: loads neither the node nor anything native. */
  findOwner(): Promise<Owner | undefined>;
  /** `undefined` while another process has it. */
  tryLock(): Promise<DirectoryLock | undefined>;
  /** Whether a node was made there, or something is there that keeps it from being looked at. Makes nothing. */
  holdsNode(): Promise<boolean>;
  /** Whoever holds the lock may. */
  openNode(): Promise<Node>;
  /** A place for what a reader has not taken yet; the owner's, too. Rejects with `disk-full` or `disk-failed`. */
  openSpool(): Promise<Spool>;
  /** Whoever holds the lock may, where nothing is yet. `backup`: an absolute path. */
  restore(backup: string, options: RestoreOptions): Promise<Restored>;
}

export interface RestoreOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void;
}

/** What a backup said that was restored. */
export interface Restored {
  /** Hexadecimal. */
  readonly nodeId: string;
  /** Unix milliseconds. */
  readonly createdMs: number;
  readonly stores: number;
  readonly bytes: number;
}

export interface Owner {
  readonly pid: number;
  readonly socketPath: string;
}

export interface DirectoryLock {
  /** Where the owner of this directory is to listen. */
  readonly socketPath: string;
  /** Tells other processes that the owner listens. */
  publish(): Promise<void>;
  release(): Promise<void>;
  /** The same where nothing came of it: what it made is removed, if nothing else is there. */
  abandon(): Promise<void>;
}

/**
 * For whoever wants the node that is there: to be opened, one would be made, in the place of one that is elsewhere. Rejects
 * with `node-not-found`.
 */
export async function assertHoldsNode(directory: DataDirectory): Promise<void> {
  if (await directory.holdsNode()) return;
  throw new LatticeError(
    'node-not-found',
    `There is no node in ${directory.path}. If yours is elsewhere, name its folder with --data-dir, or LATTICE_DATA_DIR; ` +
      'to begin one here, run `lattice mesh create`, or `lattice mesh join` with a token.',
  );
}
