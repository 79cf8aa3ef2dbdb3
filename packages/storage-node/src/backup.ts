import { LatticeError, sizeText } from '@lattice/model';
import type { BackupOptions, BackupReport, DamagedLog } from '@lattice/storage';
import fs from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { type BackedUpFile, writeManifest } from './backup-manifest.js';
import { diskError, diskFull, roomIn, systemCode } from './disk-errors.js';
import { makeDirectory, syncDirectory } from './durable-files.js';
import { damageIn } from './copied-damage.js';
import type { CopyableKv } from './copyable-kv.js';
import { copyHashed, type HashedCopyOptions, syncHashed } from './hashed-copy.js';
import { positionOf, segmentNumber, segmentOf } from './segment-address.js';
import type { SegmentHeader } from './segment-header.js';

/** What is backed up, as it is at one moment. */
export interface BackupSource {
  readonly location: string;
  readonly meta: CopyableKv;
  /** Of each store, where its log ends; `undefined` where nobody has it open, and nobody opens it meanwhile. */
  readonly logEnds: ReadonlyMap<string, number | undefined>;
}

/**
 * Copies a data directory, as it is now, to where nothing is yet, while it is written to: logs only grow, so what they
 * hold up to an end that was noted is what they held then. Whatever is computed from them is left out. The manifest comes
 * last, so what a crash leaves is no backup. What is damaged is copied as it is, and named. Rejects with `backup-target-...`, `disk-full`, `disk-failed` or as `signal` says;
 * what was copied is then removed.
 */
export async function backUp(
  source: BackupSource,
  target: string,
  options: BackupOptions,
): Promise<BackupReport> {
  await refuseWithin(source.location, target);
  const isNew = await makeEmpty(target);
  try {
    return await copyAll(source, target, options);
  } catch (error) {
    await empty(target, isNew).catch(() => undefined);
    options.signal?.throwIfAborted();
    throw diskError(error, `making a backup in ${target}`, dirname(target));
  }
}

async function copyAll(source: BackupSource, target: string, options: BackupOptions): Promise<BackupReport> {
  const { nodeId, createdMs, signal, onProgress } = options;
  const segments = await segmentsOf(source);
  const metaBytes = (await fs.stat(join(source.location, 'meta.db'))).size;
  const ofBytes = segments.reduce((sum, { bytesMax }) => sum + bytesMax, metaBytes);
  await requireRoom(target, ofBytes);
  let bytes = 0;
  const onBytes = (count: number) => onProgress?.({ bytes: Math.min((bytes += count), ofBytes), ofBytes });
  const limits = (bytesMax = Infinity): HashedCopyOptions => ({ bytesMax, signal, onBytes });

  const files: BackedUpFile[] = [];
  for (const path of ['identity.key', 'version']) {
    files.push({ path, ...(await copyHashed(join(source.location, path), join(target, path), limits())) });
  }
  await source.meta.copyTo(join(target, 'meta.db'));
  await fs.chmod(join(target, 'meta.db'), 0o600);
  files.push({ path: 'meta.db', ...(await syncHashed(join(target, 'meta.db'), limits())) });
  await makeDirectory(join(target, 'stores'));
  const damaged: DamagedLog[] = [];
  const headers = new Map<string, SegmentHeader | undefined>();
  for (const { store, path, bytesMax } of segments) {
    const to = join(target, path);
    await makeDirectory(dirname(to));
    files.push({ path, ...(await copyHashed(join(source.location, path), to, limits(bytesMax))) });
    await syncDirectory(dirname(to));
    const found = await damageIn(to, headers.get(store));
    headers.set(store, found.header);
    damaged.push(...found.damaged.map((stretch) => ({ store, ...stretch })));
  }
  signal?.throwIfAborted();
  await writeManifest(target, { format: 1, nodeId, createdMs, files });
  return { stores: source.logEnds.size, bytes: files.reduce((sum, file) => sum + file.bytes, 0), damaged };
}

interface Segment {
  readonly store: string;
  readonly path: string;
  readonly bytesMax: number;
}

/** Last segments come first: those before them are never written to. */
async function segmentsOf({ location, logEnds }: BackupSource): Promise<readonly Segment[]> {
  const segments: Segment[] = [];
  for (const [uuid, end] of logEnds) {
    const logs = `stores/${uuid}/logs`;
    for (const name of (await fs.readdir(join(location, logs))).sort()) {
      const number = segmentNumber(name);
      if (number === undefined) continue;
      const segment = { store: uuid, path: `${logs}/${name}` };
      const { size } = await fs.stat(join(location, segment.path));
      if (end === undefined || number < segmentOf(end)) segments.push({ ...segment, bytesMax: size });
      else if (number === segmentOf(end)) segments.unshift({ ...segment, bytesMax: positionOf(end) });
    }
  }
  return segments;
}

/** A backup within what it is a backup of goes where that goes. */
async function refuseWithin(location: string, target: string): Promise<void> {
  const path = relative(await fs.realpath(location), await realPath(resolve(target)));
  if (path.split(sep)[0] === '..' || resolve(path) === path) return;
  throw new LatticeError(
    'backup-target-inside',
    `${target} lies in the data directory itself: choose a folder elsewhere, best on another disk.`,
  );
}

/** Of what is there of a path, and the rest as it is. */
async function realPath(path: string): Promise<string> {
  try {
    return await fs.realpath(path);
  } catch {
    return dirname(path) === path ? path : join(await realPath(dirname(path)), basename(path));
  }
}

/** Returns whether it was made. */
async function makeEmpty(target: string): Promise<boolean> {
  try {
    const names = await fs.readdir(target);
    if (names.length === 0) return false;
    throw new LatticeError(
      'backup-target-not-empty',
      `${target} is not empty: choose a folder that is, or one that is not there yet. (A backup that was cut off can be removed.)`,
    );
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw targetError(error, target);
  }
  try {
    await makeDirectory(target);
    return true;
  } catch (error) {
    throw targetError(error, target);
  }
}

function targetError(error: unknown, target: string): LatticeError {
  const code = systemCode(error) ?? '';
  if (code === 'ENOTDIR' || code === 'EEXIST')
    return new LatticeError(
      'backup-target-not-a-directory',
      `${target} is no directory: choose another folder.`,
    );
  if (['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(code))
    return new LatticeError(
      'backup-target-not-writable',
      `${target} can not be made or written to (${code}): choose another folder, or change its permissions.`,
    );
  return diskError(error, `making ${target}`);
}

async function requireRoom(directory: string, bytes: number): Promise<void> {
  if ((roomIn(directory) ?? Infinity) < bytes)
    throw diskFull(`making room for a backup of ${sizeText(bytes)}`, undefined, directory);
}

async function empty(target: string, isNew: boolean): Promise<void> {
  for (const name of await fs.readdir(target))
    await fs.rm(join(target, name), { recursive: true, force: true });
  if (isNew) await fs.rmdir(target);
}
