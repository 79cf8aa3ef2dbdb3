import type { LocalRef } from '@lattice/model';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';
import { PastWalk } from './past-walk.js';
import { RecentFollowers } from './recent-followers.js';
import { WalkCache } from './walk-cache.js';

/** How far one new entry moves its `seesUpTo` on at most; the next ones of its chain go on from there. */
const advanceMax = 4_096;

/** How many joins all walks for one new entry's `seesUpTo` visit at most. */
const joinsMax = 1_024;
/** An entry in so many looks again at what stopped those that it names. */
const lookAgainEvery = 16;

/**
 * Answers whether one entry is in another's causal past, exactly. Most questions are settled by numbers alone: an alias
 * that is not smaller, a time that is not less, an alias up to which the entry sees everything, the same chain. What is
 * left is a search from the other entry on, through those that see it, where they were added lately and are few; else a walk
 * over the joins between the two, each visited once.
 */
export class Causality {
  readonly #index: DagIndex;
  readonly #cache: WalkCache;
  readonly #followers = new RecentFollowers();

  constructor(index: DagIndex) {
    this.#index = index;
    this.#cache = new WalkCache(index);
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
    if (this.#index.chains.leadsTo(wanted, entry)) return true;
    return (
      this.#followers.sees(entry, other) ?? new PastWalk(this.#index, this.#cache, wanted).reaches(entry)
    );
  }

  /** Of these, the latest first, those that none of the others sees, nor any of `by`, nor is one of them. */
  unseen(refs: Iterable<LocalRef>, by: Iterable<LocalRef>): LocalRef[] {
    const seeing = [...by];
    const found: LocalRef[] = [];
    // What comes later may see the others.
    for (const ref of [...refs].sort((a, b) => b - a)) {
      if (seeing.some((later) => later === ref || this.sees(later, ref))) continue;
      seeing.push(ref);
      found.push(ref);
    }
    return found;
  }

  /** Takes note of an entry that is being added, given the entries that it names (`prev` among them). */
  added(ref: LocalRef, named: readonly EntryRecord[]): void {
    this.#followers.add(ref, named);
  }

  /**
   * The alias up to which an entry that is about to be added sees everything, given the entries that it names (`prev`
   * among them). It may see more: what takes long to find out is left to those that come later. It depends on what was
   * added before it alone, never on time or chance, so that a state computed anew is the same.
   */
  seesUpTo(next: LocalRef, named: readonly EntryRecord[]): number {
    let upTo = named.reduce((most, record) => Math.max(most, record.seesUpTo), -1);
    const budget = { joins: joinsMax };
    for (let steps = 0; steps < advanceMax && upTo + 1 < next; steps++) {
      const candidate = this.#index.entry((upTo + 1) as LocalRef);
      const isSeen =
        named.some((record) => this.#coveredBy(record, candidate)) ||
        named.some(
          (record) => this.#mayStillSee(next, record, candidate) && this.#finds(record, candidate, budget),
        );
      if (!isSeen) break;
      upTo++;
    }
    return upTo;
  }

  /** What stopped an entry's own `seesUpTo` it does not see, mostly. */
  #mayStillSee(next: LocalRef, record: EntryRecord, candidate: EntryRecord): boolean {
    if (candidate.ref >= record.ref || candidate.time >= record.time) return false;
    return candidate.ref > record.seesUpTo + 1 || next % lookAgainEvery === 0;
  }

  #finds(record: EntryRecord, candidate: EntryRecord, budget: { joins: number }): boolean {
    return budget.joins > 0 && new PastWalk(this.#index, this.#cache, candidate, budget).reaches(record);
  }

  #coveredBy(record: EntryRecord, candidate: EntryRecord): boolean {
    return candidate.ref <= record.seesUpTo || this.#index.chains.leadsTo(candidate, record);
  }
}
