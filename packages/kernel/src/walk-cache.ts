import type { Hlc, LocalRef } from '@lattice/model';
import type { DagIndex, Join } from './dag-index.js';

/** Joins of a chain whose seqs have the same quotient. */
const joinsPerPage = 32;
const pagesMax = 2_048;
/** A power of two. */
const placesMax = 65_536;

/** What a walk asks of an entry. */
export interface Stop {
  readonly ref: LocalRef;
  readonly chain: number;
  readonly seq: number;
  readonly seesUpTo: number;
  /** Of its time, what a number holds exactly. */
  readonly coarseTime: number;
}

interface Page {
  readonly firstSeq: number;
  readonly joins: Join[];
  /** Up to which seq of the chain it was read. */
  upTo: number;
}

/** What walks through the past read again and again: joins, and where those lead; a bounded part of all. */
export class WalkCache {
  readonly #index: DagIndex;
  readonly #pages = new Map<number, Page>();
  readonly #stops: (Stop | undefined)[] = [];

  constructor(index: DagIndex) {
    this.#index = index;
  }

  stop(ref: LocalRef): Stop {
    const place = ref % placesMax;
    const known = this.#stops[place];
    if (known?.ref === ref) return known;
    const { chain, seq, seesUpTo, time } = this.#index.entry(ref);
    const stop = { ref, chain, seq, seesUpTo, coarseTime: coarse(time) };
    // Grown ahead of what it has: a small store needs no room for many, and an array with gaps would become a slow one.
    if (place >= this.#stops.length) this.#stops.length = Math.min(placesMax, 2 * place + 64);
    this.#stops[place] = stop;
    return stop;
  }

  /** The chain's joins in the page that has `seq`, in order; some may lie behind it. */
  joinsAround(chain: number, seq: number): readonly Join[] {
    const number = Math.floor(seq / joinsPerPage);
    const key = chain * 2 ** 21 + (number % 2 ** 21);
    const { tipSeq } = this.#index.chains.at(chain);
    const end = Math.min(tipSeq, firstSeqOf(number + 1) - 1);
    const page = this.#pageAt(key, firstSeqOf(number));
    if (page.upTo < end) {
      page.joins.push(...[...this.#index.joins(chain, page.upTo + 1, end)].reverse());
      page.upTo = end;
    }
    return page.joins;
  }

  #pageAt(key: number, firstSeq: number): Page {
    const known = this.#pages.get(key);
    if (known && known.firstSeq === firstSeq) return known;
    const page = { joins: [], upTo: firstSeq - 1, firstSeq };
    this.#pages.set(key, page);
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= pagesMax) break;
      this.#pages.delete(oldest);
    }
    return page;
  }
}

/** The seq before those of the page that has `seq`. */
export function seqBeforePage(seq: number): number {
  return firstSeqOf(Math.floor(seq / joinsPerPage)) - 1;
}

export function coarse(time: Hlc): number {
  return Number(time >> 16n);
}

function firstSeqOf(page: number): number {
  return page * joinsPerPage;
}
