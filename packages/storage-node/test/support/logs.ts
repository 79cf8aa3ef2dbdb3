import { utf8 } from '@lattice/model';
import type { Files, Log, LogItem } from '@lattice/storage';
import { SegmentLog, type SegmentLogOptions } from '@lattice/storage-node';

export const header = { genesis: utf8('a genesis of some length'), salt: 0x1234_5678 };

/** 24 bytes, the genesis, and 8. */
export const headerBytes = 56;

/** Opens a log, or makes it where there is none. */
export async function openLog(files: Files, options?: SegmentLogOptions): Promise<SegmentLog> {
  const isThere = (await files.list()).some((name) => name.endsWith('.log'));
  return isThere ? SegmentLog.open(files, options) : SegmentLog.create(files, header, options);
}

/** A log with one append for each of these. */
export async function logOf(files: Files, records: readonly Uint8Array[], options?: SegmentLogOptions) {
  const log = await SegmentLog.create(files, header, options);
  const offsets: number[] = [];
  for (const record of records) offsets.push(...(await log.append([record])));
  await log[Symbol.asyncDispose]();
  return offsets;
}

export function recordsOf(log: Log): readonly Uint8Array[] {
  return [...log.scan(0)].flatMap((item) => (item.kind === 'record' ? [item.record] : []));
}

/** Where the log is damaged, as [from, to]. */
export function damageOf(items: Iterable<LogItem>): readonly (readonly [number, number])[] {
  return [...items].flatMap(({ kind, offset, next }) =>
    kind === 'damaged' ? [[offset, next] as const] : [],
  );
}

/** Different from each other in every byte. */
export function numbered(count: number, length = 40): readonly Uint8Array[] {
  return Array.from({ length: count }, (_, i) => new Uint8Array(length).fill(i + 1));
}
