import { assert, type RangeOptions } from '@lattice/model';

/** What every engine must take, hence all that callers may use: LMDB's largest key on 4 KiB pages, with room to spare. */
const kvKeyBytesMax = 1_900;

/** Tables of one store. LMDB sizes an array by it. */
export const kvTablesMax = 64;

/** Open snapshots of one store. LMDB has 126 slots for whoever reads. */
export const kvSnapshotsMax = 64;

export function assertKvKey(key: Uint8Array): void {
  assert(key.length > 0 && key.length <= kvKeyBytesMax, 'a key has 1 to 1,900 bytes');
}

export function assertKvRange({ gte, lt }: RangeOptions): void {
  for (const bound of [gte, lt])
    assert((bound?.length ?? 0) <= kvKeyBytesMax, 'a bound has at most 1,900 bytes');
}

export function assertTableName(name: string): void {
  assert(/^[a-z0-9.-]{1,64}$/.test(name), 'a table is named by 1 to 64 characters of a-z, 0-9, "-" and "."');
}
