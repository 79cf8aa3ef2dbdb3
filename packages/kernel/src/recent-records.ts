import type { LocalRef } from '@lattice/model';
import type { EntryRecord } from './entry-record.js';

/** A power of two. */
const remembered = 1_024;

/**
 * The records of the entries that came last: what new ones name, nearly always. To be thrown away with the rest of what is
 * held in memory when a transaction fails.
 */
export class RecentRecords {
  readonly #records: (EntryRecord | undefined)[] = Array.from({ length: remembered });

  get(ref: LocalRef): EntryRecord | undefined {
    const record = this.#records[ref % remembered];
    return record?.ref === ref ? record : undefined;
  }

  put(record: EntryRecord): void {
    const place = record.ref % remembered;
    const other = this.#records[place];
    if (!other || other.ref <= record.ref) this.#records[place] = record;
  }
}
