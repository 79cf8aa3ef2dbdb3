import { equalBytes, type LocalRef, type LogPlace, type Random } from '@lattice/model';
import { ByteReader } from '@lattice/proto';
import type { Table } from '@lattice/storage';
import { refKey } from './keys.js';

const eraBytes = 8;
/** Of the place before all entries. */
const noEra = new Uint8Array(eraBytes);

/**
 * Tells whether a place in the order of entries is still what it was when somebody took note of it. Aliases alone do not: a
 * state that was discarded and computed anew, or a directory that was restored from a copy, may give them to other entries.
 * So each opening of the store that applies anything begins an era, with a random name that is never used again, and the
 * state remembers with which entry it began. Within an era the order only ever grows; hence an era and an alias name all
 * that is before it. A rebuild, which applies everything again, puts one new era in the place of all.
 */
export class Eras {
  /** The alias of an era's first entry -> its name. */
  readonly #table: Table;
  readonly #random: Random;
  #hasBegun = false;

  constructor(table: Table, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  /** To be called before entries are applied, inside the same transaction, with the alias of the first. */
  cover(first: LocalRef): void {
    if (this.#hasBegun) return;
    this.#hasBegun = true;
    this.#table.put(refKey(first), this.#random.bytes(eraBytes));
  }

  /** Puts a new era in the place of all; inside the transaction that puts another state in the place of this one. */
  renew(): void {
    const starts = [...this.#table.range()].map(([start]) => start);
    for (const start of starts) this.#table.remove(start);
    this.#hasBegun = false;
    this.cover(0 as LocalRef);
  }

  /** The place before that alias. */
  placeBefore(nextRef: LocalRef): LogPlace {
    return { era: this.#eraBefore(nextRef), nextRef };
  }

  /** Whether a place is still what it was; `end` is the place behind all entries there are. */
  fits({ era, nextRef }: LogPlace, end: LocalRef): boolean {
    return nextRef <= end && equalBytes(era, this.#eraBefore(nextRef));
  }

  #eraBefore(ref: LocalRef): Uint8Array {
    // An era that begins at the alias itself is not the one of what is before it.
    const before = { lt: refKey(ref), reverse: true, limit: 1 };
    for (const [, era] of ref === 0 ? [] : this.#table.range(before))
      return new ByteReader(era).raw(eraBytes);
    return noEra;
  }
}
