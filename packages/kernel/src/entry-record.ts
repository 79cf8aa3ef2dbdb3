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
  /** Whether it was applied: it counted under the admission that the state was computed with. */
  readonly counted: boolean;
}

const writer = new ByteWriter(128);

/** For use until the next one is encoded: tables copy what they are given. */
export function encodeEntryRecord(record: EntryRecord): Uint8Array {
  return writer
    .reset()
    .u8(record.counted ? 1 : 0)
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
  return {
    ref,
    counted: reader.u8() === 1,
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
