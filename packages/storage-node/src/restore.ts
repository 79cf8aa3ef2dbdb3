import { LatticeError } from '@lattice/model';
import type { BackupProgress } from '@lattice/storage';
import fs from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type BackupManifest, damagedBackup, readManifest } from './backup-manifest.js';
import { directoryError } from './directory-errors.js';
import { systemCode } from './disk-errors.js';
import { makeDirectory, syncDirectory, writeFileDurably } from './durable-files.js';
import { copyHashed } from './hashed-copy.js';

export interface RestoreOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: BackupProgress) => void;
}

/** In a data directory that is being restored; see `refuseHalfRestored`. */
const marker = 'restoring';

/**
 * Makes a data directory of a backup, where there is none yet or what a restore left that was cut off; whoever calls holds
 * its `DirectoryLock`. Each file is checked as it is copied. The node that opens it is the one that was backed up, as it was
 * then: where that has written on, and writes of its own before it has got those back from peers, its history forks. Rejects
 * with `backup-...`, `data-dir-not-empty` or as `DataDirectory.open` does; what was copied is then removed.
 */
export async function restoreBackup(
  backup: string,
  dataDir: string,
  options: RestoreOptions = {},
): Promise<BackupManifest> {
  const manifest = await readManifest(backup);
  try {
    await makeDirectory(dataDir);
    await requireEmpty(dataDir);
    await writeFileDurably(join(dataDir, marker), `${backup}\n`);
    await clear(dataDir);
    await copyAll(manifest, backup, dataDir, options);
    await fs.unlink(join(dataDir, marker));
    await syncDirectory(dataDir);
    return manifest;
  } catch (error) {
    await undo(dataDir);
    options.signal?.throwIfAborted();
    throw systemCode(error) === 'ENOENT' ? damagedBackup(backup, '') : directoryError(error, dataDir);
  }
}

/** A node that began with a part of what it was would take that for all it has ever written. Rejects with `data-dir-half-restored`. */
export async function refuseHalfRestored(dataDir: string): Promise<void> {
  if (!(await fs.readdir(dataDir)).includes(marker)) return;
  throw new LatticeError(
    'data-dir-half-restored',
    `${dataDir} was being restored from a backup when that was cut off: restore it again, or remove it.`,
  );
}

async function copyAll(
  { files }: BackupManifest,
  backup: string,
  dataDir: string,
  { signal, onProgress }: RestoreOptions,
): Promise<void> {
  const ofBytes = files.reduce((sum, file) => sum + file.bytes, 0);
  let bytes = 0;
  const onBytes = (count: number) => onProgress?.({ bytes: (bytes += count), ofBytes });
  await makeDirectory(join(dataDir, 'stores'));
  for (const { path, ...expected } of files) {
    const to = join(dataDir, path);
    await makeDirectory(dirname(to));
    // One byte more, so that a file that has grown shows.
    const limits = { bytesMax: expected.bytes + 1, signal, onBytes };
    const copied = await copyHashed(join(backup, path), to, limits).catch((error: unknown) => {
      throw systemCode(error) === 'ENOENT' ? damagedBackup(backup, path) : error;
    });
    if (copied.bytes !== expected.bytes || copied.sha256 !== expected.sha256)
      throw damagedBackup(backup, path);
    await syncDirectory(dirname(to));
  }
}

/** The lock may be there, and what an earlier restore left. */
async function requireEmpty(dataDir: string): Promise<void> {
  const names = await fs.readdir(dataDir);
  if (names.includes(marker) || names.every((name) => ownersFiles.includes(name))) return;
  throw new LatticeError(
    'data-dir-not-empty',
    `${dataDir} holds a node already, or other files: restore into another --data-dir, which is empty or not there yet.`,
  );
}

const ownersFiles: readonly string[] = ['lock', 'lattice.sock'];

async function clear(dataDir: string): Promise<void> {
  for (const name of await fs.readdir(dataDir)) {
    if (name !== marker && !ownersFiles.includes(name))
      await fs.rm(join(dataDir, name), { recursive: true, force: true });
  }
}

/** The marker goes last; where it was never written there is nothing of ours. */
async function undo(dataDir: string): Promise<void> {
  try {
    if (!(await fs.readdir(dataDir)).includes(marker)) return;
    await clear(dataDir);
    await fs.unlink(join(dataDir, marker));
  } catch {
    // It stays refused, and the next restore begins anew.
  }
}
