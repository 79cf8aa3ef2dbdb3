import { hashEntry } from '@lattice/kernel';
import { assert, type Bundle, type Entry, type Hash, toHex } from '@lattice/model';
import { decodeBundle } from '@lattice/proto';
import type { Log } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import type { SimDisk } from './disk.js';

export interface LoggedEntry {
  readonly uuid: string;
  readonly entry: Entry;
  readonly hash: Hash;
}

/** All entries in all logs of a disk, each as often as it is there. */
export async function entriesOn(disk: SimDisk): Promise<readonly LoggedEntry[]> {
  const entries: LoggedEntry[] = [];
  for (const uuid of disk.files.keys()) {
    for (const { bundle } of await recordsOf(disk, uuid)) entries.push(...entriesOf(uuid, bundle));
  }
  return entries;
}

export function entriesOf(uuid: string, { entries, hashes }: Bundle): readonly LoggedEntry[] {
  return entries.map((entry, index) => {
    const hash = hashes[index];
    assert(hash, "a bundle's arrays are in step");
    return { uuid, entry, hash };
  });
}

/**
 * Whether it stands in what a node computed from its log, and goes by, also where the record was damaged since. What only waits
 * for an ancestor does not.
 */
export function isIndexed({ memory }: SimDisk, { uuid, hash }: LoggedEntry): boolean {
  const index = memory.stores.get(uuid)?.state.tables.get('entries');
  for (const [, record] of index?.entries() ?? []) if (Buffer.from(record).indexOf(hash) !== -1) return true;
  return false;
}

/** All that is in some log of some disk, by hash in hexadecimal. */
export async function allEntries(disks: readonly SimDisk[]): Promise<ReadonlySet<string>> {
  const all = new Set<string>();
  for (const disk of disks) for (const { hash } of await entriesOn(disk)) all.add(toHex(hash));
  return all;
}

/** All that is in a log that a node has open. */
export function entriesInOpen(disk: SimDisk, uuid: string): readonly LoggedEntry[] {
  const open = disk.logs.get(uuid);
  return open ? decoded(open).flatMap(({ bundle }) => entriesOf(uuid, bundle)) : [];
}

/** The intact records of a log, in order. */
export async function recordsOf(
  disk: SimDisk,
  uuid: string,
): Promise<readonly { readonly bytes: Uint8Array; readonly bundle: Bundle }[]> {
  const open = disk.logs.get(uuid);
  if (open) return decoded(open);
  // A copy: to open a log is to mend it.
  const log = await SegmentLog.open(disk.filesOf(uuid).copy());
  try {
    return decoded(log);
  } finally {
    await log[Symbol.asyncDispose]();
  }
}

function decoded(log: Log): { readonly bytes: Uint8Array; readonly bundle: Bundle }[] {
  return [...log.scan(0)].flatMap((item) => {
    if (item.kind !== 'record') return [];
    const read = decodeBundle(item.record, { hashEntry, lookUp: () => undefined });
    assert(read.kind === 'bundle', 'logs have bundles in full');
    return [{ bytes: item.record, bundle: read.bundle }];
  });
}
