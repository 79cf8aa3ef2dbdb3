import { LatticeError } from '@lattice/model';
import { join } from 'node:path';
import { readTextFile, writeFileDurably } from './durable-files.js';

/**
 * What a backup holds, written when all of that is on the disk: one without it was cut off. `sha256sum` checks the files
 * as well.
 */
export interface BackupManifest {
  /** Of backups. One of a greater format is not read. */
  readonly format: 1;
  /** Whose it is. */
  readonly nodeId: string;
  readonly createdMs: number;
  readonly files: readonly BackedUpFile[];
}

export interface BackedUpFile {
  /** Within the backup, and within a data directory, with slashes. */
  readonly path: string;
  readonly bytes: number;
  /** Hexadecimal. */
  readonly sha256: string;
}

const name = 'backup.json';

export function writeManifest(directory: string, manifest: BackupManifest): Promise<void> {
  return writeFileDurably(join(directory, name), `${JSON.stringify(manifest, undefined, 1)}\n`);
}

/** Rejects with `backup-not-found`, `backup-newer` or `backup-damaged`. */
export async function readManifest(directory: string): Promise<BackupManifest> {
  const text = await readTextFile(join(directory, name));
  if (text === undefined) {
    throw new LatticeError(
      'backup-not-found',
      `${directory} holds no whole backup: ${name} is not there, which is written last. It was cut off, or is none: choose another.`,
    );
  }
  const found = parsed(text);
  if (typeof found?.format === 'number' && found.format > 1) {
    throw new LatticeError(
      'backup-newer',
      `${directory} is a backup of a newer program (format ${found.format}): install that one, then restore it.`,
    );
  }
  if (!isManifest(found)) throw damagedBackup(directory, name);
  return found;
}

export function damagedBackup(directory: string, path: string): LatticeError {
  return new LatticeError(
    'backup-damaged',
    `${join(directory, path)} is not what was backed up: restore another backup. Nothing was restored of this one.`,
  );
}

type Loose<T> = { readonly [Name in keyof T]?: unknown };

function parsed(text: string): Loose<BackupManifest> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

function isManifest(found: Loose<BackupManifest> | undefined): found is BackupManifest {
  if (found?.format !== 1 || !Array.isArray(found.files)) return false;
  if (typeof found.nodeId !== 'string' || !/^[0-9a-f]{64}$/.test(found.nodeId)) return false;
  if (!isCount(found.createdMs) || !found.files.every(isFile)) return false;
  const paths = found.files.map(({ path }) => path);
  return new Set(paths).size === paths.length && required.every((path) => paths.includes(path));
}

const required = ['identity.key', 'meta.db', 'version'];

/** Nothing else is ever copied, whatever a manifest says: not to elsewhere, and no state. */
const pathPattern =
  /^(?:identity\.key|meta\.db|version|stores\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\/logs\/[0-9a-f]{16}\.log)$/;

function isFile(found: unknown): found is BackedUpFile {
  if (typeof found !== 'object' || found === null) return false;
  const { path, bytes, sha256 } = found as Loose<BackedUpFile>;
  return (
    typeof path === 'string' &&
    pathPattern.test(path) &&
    isCount(bytes) &&
    typeof sha256 === 'string' &&
    /^[0-9a-f]{64}$/.test(sha256)
  );
}

function isCount(found: unknown): boolean {
  return typeof found === 'number' && Number.isSafeInteger(found) && found >= 0;
}
