import type { LocalRef } from '@lattice/model';
import type { Join } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';

/** An entry's place in its chain, and the join that it is, if it is one. */
interface Link {
  readonly chain: number;
  readonly seq: number;
  readonly ref: LocalRef;
  readonly join: Join | undefined;
}

/** A power of two. */
const remembered = 1_024;

/**
 * The records of the entries that came last: what new ones name, nearly always. To be thrown away with the rest of what is
 * held in memory when a transaction fails.
 */
export class RecentRecords {
  readonly #byRef: (EntryRecord | undefined)[] = [];
  readonly #byPlace: (EntryRecord | undefined)[] = [];
  readonly #links: (Link | undefined)[] = [];

  get(ref: LocalRef): EntryRecord | undefined {
    const record = this.#byRef[ref % remembered];
    return record?.ref === ref ? record : undefined;
  }

  at(chain: number, seq: number): EntryRecord | undefined {
    const record = this.#byPlace[placeIndex(chain, seq)];
    return record?.seq === seq && record.chain === chain ? record : undefined;
  }

  /** Whether an entry is a join, and which: `undefined` where it is not known any more. */
  linkAt(chain: number, seq: number): Link | undefined {
    const link = this.#links[placeIndex(chain, seq)];
    return link?.seq === seq && link.chain === chain ? link : undefined;
  }

  link(link: Link): void {
    replace(this.#links, placeIndex(link.chain, link.seq), link);
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

function replace<T extends { readonly ref: LocalRef }>(
  known: (T | undefined)[],
  index: number,
  latest: T,
): void {
  const other = known[index];
  if (!other || other.ref <= latest.ref) known[index] = latest;
}
