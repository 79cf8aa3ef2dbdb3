import type { Chain, Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';

/**
 * Tracks what is kept: entries that count, those that the rules name, and the ancestors of both. What is kept of a chain is
 * always a beginning of it, so one number a chain says it all. Changed chains are collected for the caller to save.
 */
export class Keeping {
  readonly #index: DagIndex;
  readonly #changed = new Set<Chain>();
  #moved = new Set<Chain>();
  readonly #heads = new Set<Chain>();

  constructor(index: DagIndex) {
    this.#index = index;
    for (const chain of index.chains) this.#updateHead(chain);
  }

  /** Keeps an entry and all of its ancestors. Costs as much as was not kept before. */
  keep(place: Place): void {
    this.#keepAll([place]);
  }

  /** Keeps an entry that was just added, `previous` being the one before it on its chain and `deps` what else it names. */
  keepAdded(added: Place, previous: Place | undefined, deps: readonly Place[]): void {
    const chain = this.#index.chains.at(added.chain);
    // What lies between may name others.
    if (added.seq !== chain.keptSeq + 1) return this.keep(added);
    const todo: Place[] = [];
    if (added.seq === chain.firstSeq && previous) this.#cover(previous, todo);
    for (const dep of deps) this.#cover(dep, todo);
    chain.keptSeq = added.seq;
    this.#moved.add(chain);
    this.#note(chain);
    this.#keepAll(todo);
  }

  /** The kept chains whose last kept entry no other kept entry names: the maximal elements of the kept DAG. */
  heads(): Iterable<Chain> {
    return this.#heads;
  }

  /** Forgets everything, for counting anew. */
  reset(): void {
    for (const chain of this.#index.chains) {
      chain.keptSeq = chain.firstSeq - 1;
      chain.coveredSeq = 0;
      this.#moved.add(chain);
      this.#note(chain);
    }
  }

  /** The chains whose marks changed since the last call. */
  takeChanged(): readonly Chain[] {
    const changed = [...this.#changed];
    this.#changed.clear();
    return changed;
  }

  /** The chains of which more or less is kept since the last call. */
  takeMoved(): ReadonlySet<Chain> {
    const moved = this.#moved;
    this.#moved = new Set();
    return moved;
  }

  #keepAll(todo: Place[]): void {
    for (let next = todo.pop(); next; next = todo.pop()) this.#keepChain(next, todo);
  }

  #keepChain(place: Place, todo: Place[]): void {
    const chain = this.#index.chains.at(place.chain);
    if (place.seq <= chain.keptSeq) return;
    if (chain.keptSeq < chain.firstSeq && chain.parent !== undefined) {
      this.#cover({ chain: chain.parent, seq: chain.firstSeq - 1 }, todo);
    }
    for (const join of this.#index.joins(chain.number, chain.keptSeq + 1, place.seq)) {
      for (const dep of join.deps) this.#cover(this.#index.placeOf(dep), todo);
    }
    chain.keptSeq = place.seq;
    this.#moved.add(chain);
    this.#note(chain);
  }

  #cover(place: Place, todo: Place[]): void {
    const chain = this.#index.chains.at(place.chain);
    if (place.seq > chain.coveredSeq) {
      chain.coveredSeq = place.seq;
      this.#note(chain);
    }
    if (place.seq > chain.keptSeq) todo.push(place);
  }

  #note(chain: Chain): void {
    this.#changed.add(chain);
    this.#updateHead(chain);
  }

  #updateHead(chain: Chain): void {
    if (chain.keptSeq >= chain.firstSeq && chain.keptSeq > chain.coveredSeq) this.#heads.add(chain);
    else this.#heads.delete(chain);
  }
}
