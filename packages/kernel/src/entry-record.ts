import { type Hash, type Hlc, type LocalRef, parseHash } from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';

/** What the index keeps of an entry, beside its place in the log. */
export interface EntryRecord {
  readonly ref: LocalRef;
  readonly chain: number;
  readonly seq: number;
  readonly hash: Hash;
  readonly hlc: Hlc;
  readonly time: Hlc;
  /** It sees every entry up to this alias, whatever else it sees. -1: there is none. */
  readonly seesUpTo: number;
  /** Where its bundle is in the log, and its index in that bundle. */
  readonly offset: number;
  readonly index: number;
  /** Whether it counted under the admission that the state was computed with. */
  readonly counted: boolean;
  /** Whether its author issued it again, so that it has no effect. */
  readonly replaced: boolean;
  /** Whether it issues another one again. */
  readonly again: boolean;
}

const flags = { counted: 1, replaced: 2, again: 4 } as const;

const writer = new ByteWriter(128);

/** For use until the next one is encoded: tables copy what they are given. */
export function encodeEntryRecord(record: EntryRecord): Uint8Array {
  return writer
    .reset()
    .u8(flagsOf(record))
    .u32(record.chain)
    .u64(record.seq)
    .raw(record.hash)
    .bigU64(record.hlc)
    .bigU64(record.time)
    .u64(record.seesUpTo + 1)
    .u64(record.offset)
    .u32(record.index)
    .view();
}

export function decodeEntryRecord(ref: LocalRef, bytes: Uint8Array): EntryRecord {
  const reader = new ByteReader(bytes);
  const set = reader.u8();
  return {
    ref,
    counted: (set & flags.counted) !== 0,
    replaced: (set & flags.replaced) !== 0,
    again: (set & flags.again) !== 0,
    chain: reader.u32(),
    seq: reader.u64(),
    hash: parseHash(reader.raw(32)),
    hlc: reader.bigU64() as Hlc,
    time: reader.bigU64() as Hlc,
    seesUpTo: reader.u64() - 1,
    offset: reader.u64(),
    index: reader.u32(),
  };
}

function flagsOf({ counted, replaced, again }: EntryRecord): number {
  return (counted ? flags.counted : 0) | (replaced ? flags.replaced : 0) | (again ? flags.again : 0);
}
