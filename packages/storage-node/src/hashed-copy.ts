import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** The event loop turns between two pieces. */
const pieceBytes = 256 * 1024;

export interface HashedCopyOptions {
  /** No more than so many bytes are copied. */
  readonly bytesMax: number;
  readonly signal: AbortSignal | undefined;
  readonly onBytes: (bytes: number) => void;
}

export interface Hashed {
  readonly bytes: number;
  readonly sha256: string;
}

/** Copies a file into a new one, for its owner alone, that is on the disk once this resolved (its name is not), and hashes what it copies. */
export async function copyHashed(from: string, to: string, options: HashedCopyOptions): Promise<Hashed> {
  const source = await open(from, 'r');
  try {
    const target = await open(to, 'wx', 0o600);
    try {
      const hashed = await pump(source, options, (piece) => target.writeFile(piece));
      await target.sync();
      return hashed;
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

/** Makes a file that something else wrote durable, and hashes it. */
export async function syncHashed(path: string, options: HashedCopyOptions): Promise<Hashed> {
  const file = await open(path, 'r+');
  try {
    const hashed = await pump(file, options, () => Promise.resolve());
    await file.sync();
    return hashed;
  } finally {
    await file.close();
  }
}

async function pump(
  source: FileHandle,
  { bytesMax, signal, onBytes }: HashedCopyOptions,
  write: (piece: Uint8Array) => Promise<void>,
): Promise<Hashed> {
  const hash = createHash('sha256');
  const piece = new Uint8Array(pieceBytes);
  let bytes = 0;
  while (bytes < bytesMax) {
    signal?.throwIfAborted();
    const { bytesRead } = await source.read(piece, 0, Math.min(pieceBytes, bytesMax - bytes), bytes);
    if (bytesRead === 0) break;
    hash.update(piece.subarray(0, bytesRead));
    await write(piece.subarray(0, bytesRead));
    bytes += bytesRead;
    onBytes(bytesRead);
  }
  return { bytes, sha256: hash.digest('hex') };
}
