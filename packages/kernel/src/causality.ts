import type { LocalRef } from '@lattice/model';
import type { Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';

/** How far one new entry moves its `seesUpTo` on at most; the next ones of its chain go on from there. */
const advanceMax = 4_096;

/**
 * Answers whether one entry is in another's causal past, exactly. Most questions are settled by numbers alone: an alias
 * that is not smaller, a time that is not less, an alias up to which the entry sees everything, the same chain. What is
 * left is a walk over the joins between the two, each visited once.
 */
export class Causality {
  readonly #index: DagIndex;

  constructor(index: DagIndex) {
    this.#index = index;
  }

  /** Whether `other` is strictly in the causal past of `ref`. */
  sees(ref: LocalRef, other: LocalRef): boolean {
    return other < ref && this.recordSees(this.#index.entry(ref), other);
  }

  /** The same of an entry whose record is at hand. */
  recordSees(entry: EntryRecord, other: LocalRef): boolean {
    if (other >= entry.ref) return false;
    if (other <= entry.seesUpTo) return true;
    const wanted = this.#index.entry(other);
    if (wanted.time >= entry.time) return false;
    return this.#index.chains.leadsTo(wanted, entry) || new PastWalk(this.#index, wanted).reaches(entry);
  }

  /**
   * The alias up to which an entry that is about to be added sees everything, given the entries that it names (`prev`
   * among them).
   */
  seesUpTo(next: LocalRef, named: readonly EntryRecord[]): number {
    let upTo = named.reduce((most, record) => Math.max(most, record.seesUpTo), -1);
    for (let steps = 0; steps < advanceMax && upTo + 1 < next; steps++) {
      const candidate = this.#index.entry((upTo + 1) as LocalRef);
      if (!named.some((record) => this.#coveredBy(record, candidate))) break;
      upTo++;
    }
    return upTo;
  }

  #coveredBy(record: EntryRecord, candidate: EntryRecord): boolean {
    return candidate.ref <= record.seesUpTo || this.#index.chains.leadsTo(candidate, record);
  }
}

/** One search through an entry's past for another; remembers, chain by chain, how far it has been. */
class PastWalk {
  readonly #index: DagIndex;
  readonly #wanted: EntryRecord;
  readonly #visitedUpTo = new Map<number, number>();
  readonly #todo: Place[] = [];

  constructor(index: DagIndex, wanted: EntryRecord) {
    this.#index = index;
    this.#wanted = wanted;
  }

  reaches(from: Place): boolean {
    this.#todo.push(from);
    for (let place = this.#todo.pop(); place; place = this.#todo.pop()) {
      if (this.#searchChain(place)) return true;
    }
    return false;
  }

  #searchChain(place: Place): boolean {
    const { parent, firstSeq } = this.#index.chains.at(place.chain);
    const visited = this.#visitedUpTo.get(place.chain) ?? firstSeq - 1;
    if (place.seq <= visited) return false;
    this.#visitedUpTo.set(place.chain, place.seq);
    if (parent !== undefined) this.#todo.push({ chain: parent, seq: firstSeq - 1 });
    for (const join of this.#index.joins(place.chain, visited + 1, place.seq)) {
      // Aliases fall along the chain: from here back, nothing can have the wanted entry in its past.
      if (join.ref <= this.#wanted.ref) break;
      for (const dep of join.deps) if (this.#leadsBack(dep)) return true;
    }
    return false;
  }

  #leadsBack(dep: LocalRef): boolean {
    if (dep < this.#wanted.ref) return false;
    const record = this.#index.entry(dep);
    if (record.seesUpTo >= this.#wanted.ref || this.#index.chains.leadsTo(this.#wanted, record)) return true;
    this.#todo.push(record);
    return false;
  }
}
