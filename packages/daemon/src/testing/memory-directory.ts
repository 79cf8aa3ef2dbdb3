import { tmpdir } from 'node:os';
import { LatticeError } from '@lattice/model';
import type { Node } from '@lattice/node';
import type { DataDirectory, Owner } from '../data-directory.js';
import { openFileSpool } from '../spool.js';

/** A data directory that several accesses of one process contend for as processes do, with a real socket. */
export function memoryDirectory(options: {
  readonly socketPath: string;
  readonly openNode: () => Node | Promise<Node>;
}): DataDirectory & { readonly isLocked: () => boolean } {
  const { socketPath, openNode } = options;
  let locked = false;
  let owner: Owner | undefined;
  return {
    path: '/memory',
    isLocked: () => locked,
    findOwner: async () => owner,
    tryLock: async () => {
      if (locked) return undefined;
      locked = true;
      return {
        socketPath,
        publish: async () => {
          owner = { pid: process.pid, socketPath };
        },
        release: async () => {
          locked = false;
        },
        abandon: async () => {
          locked = false;
        },
      };
    },
    holdsNode: async () => true,
    openNode: async () => openNode(),
    // It has no name, and nothing of it stays.
    openSpool: () => openFileSpool(tmpdir()),
    restore: () =>
      Promise.reject(new LatticeError('data-dir-not-empty', 'A directory in memory holds a node already.')),
  };
}
