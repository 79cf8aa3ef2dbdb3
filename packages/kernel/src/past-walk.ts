import type { LocalRef } from '@lattice/model';
import type { Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';
import { coarse, seqBeforePage, type WalkCache } from './walk-cache.js';

/** How many joins may be visited; what is visited is taken off. */
export interface WalkBudget {
  joins: number;
}

/** One search through an entry's past for another; remembers, chain by chain, how far it has been. */
export class PastWalk {
  readonly #index: DagIndex;
  readonly #cache: WalkCache;
  readonly #wanted: EntryRecord;
  readonly #wantedTime: number;
  readonly #budget: WalkBudget;
  readonly #visitedUpTo = new Map<number, number>();
  readonly #todo: Place[] = [];

  constructor(
    index: DagIndex,
    cache: WalkCache,
    wanted: EntryRecord,
    budget: WalkBudget = { joins: Number.POSITIVE_INFINITY },
  ) {
    this.#index = index;
    this.#cache = cache;
    this.#wanted = wanted;
    this.#wantedTime = coarse(wanted.time);
    this.#budget = budget;
  }

  /** Whether it is there; `false` also where the budget does not suffice to say so. */
  reaches(from: Place): boolean {
    this.#todo.push(from);
    for (let place = this.#todo.pop(); place; place = this.#todo.pop()) {
      if (this.#searchChain(place)) return true;
      if (this.#budget.joins <= 0) return false;
    }
    return false;
  }

  #searchChain({ chain, seq }: Place): boolean {
    const { parent, firstSeq } = this.#index.chains.at(chain);
    const visited = this.#visitedUpTo.get(chain) ?? firstSeq - 1;
    if (seq <= visited) return false;
    this.#visitedUpTo.set(chain, seq);
    if (parent !== undefined) this.#todo.push({ chain: parent, seq: firstSeq - 1 });
    for (let at = seq; at > visited; at = seqBeforePage(at)) {
      const joins = this.#cache.joinsAround(chain, at);
      for (let i = joins.length - 1; i >= 0; i--) {
        const join = joins[i];
        if (!join || join.seq > at) continue;
        // Aliases fall along the chain: from here back, nothing can have the wanted entry in its past.
        if (join.seq <= visited || join.ref <= this.#wanted.ref || --this.#budget.joins < 0) return false;
        for (const dep of join.deps) if (this.#leadsBack(dep)) return true;
      }
    }
    return false;
  }

  #leadsBack(dep: LocalRef): boolean {
    const { ref: wanted } = this.#wanted;
    if (dep < wanted) return false;
    const stop = this.#cache.stop(dep);
    if (stop.seesUpTo >= wanted || this.#index.chains.leadsTo(this.#wanted, stop)) return true;
    // Times grow towards what sees.
    if (stop.coarseTime >= this.#wantedTime) this.#todo.push(stop);
    return false;
  }
}
