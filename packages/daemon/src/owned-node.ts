import { createRouterTransport } from '@connectrpc/connect';
import { createLatticeClient, type LatticeClient, OwnerRole } from '@lattice/api';
import type { Logger, Timers } from '@lattice/model';
import type { Node } from '@lattice/node';
import type { DataDirectory, DirectoryLock } from './data-directory.js';
import { type CloseOptions, serve } from './serve.js';
import { Spools } from './spool.js';
import { latticeService } from './service/routes.js';

export type Role = 'daemon' | 'shell' | 'command';

export interface OwnOptions {
  readonly role: Role;
  readonly logger: Logger;
  readonly timers: Timers;
}

/** The node in this process, served to others. */
export interface OwnedNode {
  readonly node: Node;
  /** The same client that other processes have, without the socket. */
  readonly client: LatticeClient;
  readonly socketPath: string;
  /** Stops serving, closes the node and gives the directory free, in this order. */
  close(options: CloseOptions): Promise<void>;
}

/** Opens and serves the node of a directory that this process has locked. Releases the lock where that fails. */
export async function openOwnedNode(
  directory: DataDirectory,
  lock: DirectoryLock,
  { role, logger, timers }: OwnOptions,
): Promise<OwnedNode> {
  const undo: (() => Promise<void>)[] = [() => lock.release()];
  const closing = new AbortController();
  try {
    const node = await directory.openNode();
    undo.push(async () => node[Symbol.asyncDispose]());
    const routes = latticeService(node, {
      pid: process.pid,
      role: roleMessages[role],
      closing: closing.signal,
      timers,
      spools: new Spools(() => directory.openSpool()),
    });
    const serving = await serve(routes, { socketPath: lock.socketPath, logger, timers });
    undo.push(() => serving.close({ drainMs: 0 }));
    await lock.publish();

    const client = createLatticeClient(createRouterTransport(routes));
    let closed: Promise<void> | undefined;
    const close = async (options: CloseOptions) => {
      closing.abort();
      await serving.close(options);
      await inReverse(undo);
    };
    return { node, client, socketPath: serving.socketPath, close: (options) => (closed ??= close(options)) };
  } catch (error) {
    await inReverse(undo);
    throw error;
  }
}

const roleMessages: Readonly<Record<Role, OwnerRole>> = {
  daemon: OwnerRole.DAEMON,
  shell: OwnerRole.SHELL,
  command: OwnerRole.COMMAND,
};

/** Every step is tried; the first failure is thrown at the end. */
async function inReverse(undo: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = [];
  for (const step of undo.toReversed()) await step().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}
