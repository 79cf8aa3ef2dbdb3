import type { LocalRef } from '@lattice/model';
import type { EntryRecord } from './entry-record.js';

/** A power of two. */
const remembered = 1_024;

/**
 * The records of the entries that came last: what new ones name, nearly always. To be thrown away with the rest of what is
 * held in memory when a transaction fails.
 */
export class RecentRecords {
  readonly #byRef: (EntryRecord | undefined)[] = [];
  readonly #byPlace: (EntryRecord | undefined)[] = [];

  get(ref: LocalRef): EntryRecord | undefined {
    const record = this.#byRef[ref % remembered];
    return record?.ref === ref ? record : undefined;
  }

  at(chain: number, seq: number): EntryRecord | undefined {
    const record = this.#byPlace[placeIndex(chain, seq)];
    return record?.seq === seq && record.chain === chain ? record : undefined;
  }

  put(record: EntryRecord): void {
    replace(this.#byRef, record.ref % remembered, record);
    replace(this.#byPlace, placeIndex(record.chain, record.seq), record);
  }
}

/** Chains beside each other have their tips at about the same seq, often. */
function placeIndex(chain: number, seq: number): number {
  return (chain * 61 + seq) % remembered;
}

function replace(records: (EntryRecord | undefined)[], index: number, record: EntryRecord): void {
  const other = records[index];
  if (!other || other.ref <= record.ref) records[index] = record;
}
