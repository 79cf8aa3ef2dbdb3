import { type LatticeClient, OwnerRole } from '@lattice/api';
import { LatticeError, type Logger, type Timers } from '@lattice/model';
import { type Connection, connectToSocket } from './connect.js';
import { assertHoldsNode, type DataDirectory, type DirectoryLock, type Owner } from './data-directory.js';
import type { OwnedNode, Role } from './owned-node.js';
import { pause } from './pause.js';
import type { CloseOptions } from './serve.js';
import { systemTimers } from './system-ports.js';

export interface AccessOptions {
  /** What this process is, should it become the owner. */
  readonly role: Role;
  /** Whether to make a node where there is none. An owner that is to stay does. */
  readonly mayBegin?: boolean;
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  readonly timers?: Timers;
}

/** A way to a node, in this process or in another. */
export interface NodeAccess {
  readonly client: LatticeClient;
  /** Set where this process runs the node. */
  readonly owned?: OwnedNode;
  close(options: CloseOptions): Promise<void>;
}

/** The pauses between attempts while an owner starts or stops: about ten seconds in all. */
const retryDelaysMs: readonly number[] = [20, 40, 80, 160, ...Array.from({ length: 39 }, () => 250)];

/**
 * The node of a data directory: through the socket of the process that has it open, else opened (and served) here.
 * Rejects with `node-not-found` where there is none and none may be made, with `daemon-unreachable` when the directory stays locked by a process that does not serve it, and with
 * `daemon-not-answering` when that one listens and says nothing.
 */
export async function openOrConnect(directory: DataDirectory, options: AccessOptions): Promise<NodeAccess> {
  return untilReached(directory, options, async () => {
    const reached = await connectToOwner(directory, options);
    if (isConnection(reached)) return { client: reached.client, close: async () => reached.close() };
    if (options.mayBegin !== true) await assertHoldsNode(directory);
    const lock = await directory.tryLock();
    // Who has the lock runs the node; without it, whoever is at the socket has no business there.
    if (lock === undefined && reached !== undefined) throw reached.problem;
    if (lock === undefined) return undefined;
    const owned = await openHere(directory, lock, options);
    return { client: owned.client, owned, close: (closeOptions) => owned.close(closeOptions) };
  });
}

/**
 * The node of a data directory, opened and served here. Rejects with `already-running` where another process means to
 * keep it; one that runs a single command is waited for.
 */
export async function openAsOwner(directory: DataDirectory, options: AccessOptions): Promise<OwnedNode> {
  return untilReached(directory, options, async () => {
    const lock = await directory.tryLock();
    if (lock !== undefined) return openHere(directory, lock, options);
    const reached = await connectToOwner(directory, options);
    if (reached === undefined) return undefined;
    if (!isConnection(reached)) throw reached.problem;
    try {
      const owner = await ownerStatus(reached);
      if (owner?.isLasting) throw alreadyRunning(directory, owner.pid);
    } finally {
      reached.close();
    }
    return undefined;
  });
}

/** The node of a directory that some process has open; `undefined` where none has. Opens, makes and locks nothing. */
export async function connectIfRunning(
  directory: DataDirectory,
  options: AccessOptions,
): Promise<NodeAccess | undefined> {
  const reached = await connectToOwner(directory, options);
  return isConnection(reached) ? { client: reached.client, close: async () => reached.close() } : undefined;
}

/** Loads the node, and all that is native with it, only now that it is needed. */
async function openHere(
  directory: DataDirectory,
  lock: DirectoryLock,
  options: AccessOptions,
): Promise<OwnedNode> {
  const { openOwnedNode } = await import('./owned-node.js');
  return openOwnedNode(directory, lock, { ...options, timers: options.timers ?? systemTimers });
}

async function untilReached<T>(
  directory: DataDirectory,
  { signal, timers = systemTimers }: AccessOptions,
  attempt: () => Promise<T | undefined>,
): Promise<T> {
  for (const delayMs of retryDelaysMs) {
    signal?.throwIfAborted();
    const reached = await attempt();
    if (reached !== undefined) return reached;
    await pause(timers, delayMs, signal);
  }
  throw unreachableOwner(directory, await directory.findOwner());
}

async function connectToOwner(
  directory: DataDirectory,
  { signal, timers = systemTimers }: AccessOptions,
): Promise<Connection | Unreachable | undefined> {
  const owner = await directory.findOwner();
  if (owner === undefined) return undefined;
  try {
    return await connectToSocket(owner, { timers, signal });
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof LatticeError) return { problem: error };
    throw error;
  }
}

/** Something is at the socket, but no owner that answers. */
interface Unreachable {
  readonly problem: LatticeError;
}

function isConnection(reached: Connection | Unreachable | undefined): reached is Connection {
  return reached !== undefined && 'client' in reached;
}

async function ownerStatus(
  connection: Connection,
): Promise<{ readonly pid: number; readonly isLasting: boolean } | undefined> {
  try {
    const status = await connection.client.nodeStatus({});
    return status.owner && { pid: status.owner.pid, isLasting: status.owner.role !== OwnerRole.COMMAND };
  } catch {
    // It is closing: the next attempt shows.
    return undefined;
  }
}

function alreadyRunning(directory: DataDirectory, pid: number): LatticeError {
  return new LatticeError(
    'already-running',
    `Process ${pid} already runs the node in ${directory.path}: commands reach it as they are, and another node needs another --data-dir.`,
  );
}

function unreachableOwner(directory: DataDirectory, owner: Owner | undefined): LatticeError {
  const who = owner === undefined ? 'Another process' : `Process ${owner.pid}`;
  return new LatticeError(
    'daemon-unreachable',
    `${who} has the data directory ${directory.path} open and does not answer: end it, then run the command again.`,
  );
}
