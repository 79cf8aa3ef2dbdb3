import { lstat, unlink } from 'node:fs/promises';
import type { Server } from 'node:net';
import { LatticeError } from '@lattice/model';

/**
 * Listens where only this user can connect. The caller holds the data directory's lock, so a socket that lies there
 * already was left by a process that died, and may be removed; anything else may not.
 */
export async function listenPrivately(server: Server, socketPath: string): Promise<void> {
  if (process.platform !== 'win32') await removeStaleSocket(socketPath);
  await new Promise<void>((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) => reject(cannotListen(socketPath, error));
    server.once('error', failed);
    const listening = () => {
      server.off('error', failed);
      resolve();
    };
    // The socket is bound before `listen` returns. A `chmod` afterwards would leave a moment for others to connect.
    const umask = process.umask(0o177);
    try {
      server.listen(socketPath, listening);
    } finally {
      process.umask(umask);
    }
  });
}

async function removeStaleSocket(socketPath: string): Promise<void> {
  try {
    const found = await lstat(socketPath);
    if (!found.isSocket()) throw taken(socketPath);
    await unlink(socketPath);
  } catch (error) {
    if (error instanceof LatticeError) throw error;
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw cannotListen(socketPath, error);
  }
}

function taken(socketPath: string): LatticeError {
  return new LatticeError(
    'socket-path-taken',
    `${socketPath} is in the way of this node's socket and is none: move it away.`,
  );
}

function cannotListen(socketPath: string, error: unknown): LatticeError {
  const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
  return new LatticeError(
    'socket-failed',
    `This node's socket ${socketPath} cannot be made (${reason}): check that its folder is yours and writable.`,
    { cause: error },
  );
}
