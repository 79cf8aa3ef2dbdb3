import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hostname } from 'node:os';
import type { Logger } from '@lattice/model';
import { readOwner } from '@lattice/node/owner';
import type { DataDirectory, Owner } from './data-directory.js';
import { openFileSpool } from './spool.js';

export interface DiskDirectoryOptions {
  /** Absolute; made where it is missing. */
  readonly dataDir: string;
  /** Addresses and ports to listen on; absent: the ports used last, else any. */
  readonly bind?: string;
  /** A URL, "default" or "off". */
  readonly relay?: string;
  readonly logger: Logger;
  /** Of the program, for its status. */
  readonly version: string;
}

/** A data directory on disk. */
export function diskDirectory(options: DiskDirectoryOptions): DataDirectory {
  const { dataDir } = options;
  return {
    path: dataDir,

    findOwner: async () => {
      const owner = await readOwner(dataDir);
      return owner !== undefined && (await isOurs(owner, dataDir)) ? owner : undefined;
    },

    // The lock is native code too: it is loaded together with the node that will be wanted next.
    tryLock: async () => {
      const { DirectoryLock, socketPathFor } = await import('@lattice/node');
      const lock = await DirectoryLock.tryLock(dataDir);
      if (lock === undefined) return undefined;
      const socketPath = socketPathFor(dataDir);
      return {
        socketPath,
        publish: () => lock.publish({ socketPath }),
        release: async () => lock[Symbol.asyncDispose](),
        abandon: () => lock.abandon(),
      };
    },

    holdsNode: () => holdsNode(dataDir),

    openNode: async () => {
      const { openNodeOnDisk } = await import('@lattice/node');
      // What peers see of this node until somebody names it.
      return openNodeOnDisk({ ...options, name: hostname() });
    },

    openSpool: () => openFileSpool(dataDir),

    restore: async (backup, restoreOptions) => {
      const { restoreBackup } = await import('@lattice/node');
      const { nodeId, createdMs, files } = await restoreBackup(backup, dataDir, restoreOptions);
      const stores = new Set(files.flatMap(({ path }) => /^stores\/([^/]+)/.exec(path)?.[1] ?? []));
      return {
        nodeId,
        createdMs,
        stores: stores.size,
        bytes: files.reduce((sum, file) => sum + file.bytes, 0),
      };
    },
  };
}

/**
 * Whether the socket belongs to whom the directory belongs to. A long path's socket lies in a folder that others may
 * write to, where somebody could wait in the place of an owner that died.
 */
async function isOurs(owner: Owner, dataDir: string): Promise<boolean> {
  if (process.platform === 'win32') return true;
  try {
    const [socket, directory] = await Promise.all([lstat(owner.socketPath), stat(dataDir)]);
    return socket.uid === directory.uid;
  } catch {
    return false;
  }
}

/**
 * Whether there is what a node leaves, or a part of it: `DataDirectory` (of storage-node) tells what is wrong with that.
 * With a lock alone, some process is about to begin one. A folder of something else is no node.
 */
async function holdsNode(dataDir: string): Promise<boolean> {
  const signs = ['identity.key', 'lock', 'restoring', 'stores'].map((name) => isThere(join(dataDir, name)));
  return (await Promise.all(signs)).includes(true) || leadsNowhere(dataDir);
}

/** What cannot be looked at is left to whoever opens it to tell. */
async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    return (error as { readonly code?: string }).code !== 'ENOENT';
  }
}

/** A link to what is gone, such as a disk that is not mounted: the node may be there. */
async function leadsNowhere(path: string): Promise<boolean> {
  if (await isThere(path)) return false;
  return lstat(path).then(
    () => true,
    () => false,
  );
}
