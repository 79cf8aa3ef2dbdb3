import { assert } from '@lattice/model';
import type { Chain, Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { LogReader } from './log-reader.js';

/** Says up to where a chain is kept. */
export interface KeptSeqs {
  keptSeq(chain: Chain): number;
}

/**
 * Up to where each chain is sent to a peer: as far as it is kept and then on to the next signature, since a part of a chain
 * is worth nothing without one; with that, all that those entries name, and so on. (Only chains that are not kept to their
 * end cost anything.)
 */
export class SendRange {
  readonly #index: DagIndex;
  readonly #kept: KeptSeqs;
  readonly #reader: LogReader;
  readonly #hasUpTo: ReadonlyMap<number, number>;
  readonly #upTo = new Map<number, number>();
  readonly #toClose: Chain[];

  /** `hasUpTo`: by chain, up to where the peer has it. */
  constructor(index: DagIndex, kept: KeptSeqs, reader: LogReader, hasUpTo: ReadonlyMap<number, number>) {
    this.#index = index;
    this.#kept = kept;
    this.#reader = reader;
    this.#hasUpTo = hasUpTo;
    this.#toClose = [...index.chains].filter((chain) => this.lastSeq(chain) >= this.firstSeq(chain));
    for (let chain = this.#toClose.pop(); chain; chain = this.#toClose.pop()) this.#close(chain);
  }

  /** The first entry that the peer lacks. */
  firstSeq({ number, firstSeq }: Chain): number {
    return Math.max(firstSeq, (this.#hasUpTo.get(number) ?? 0) + 1);
  }

  /** The last entry to send; below `firstSeq` where there is none. */
  lastSeq(chain: Chain): number {
    return this.#upTo.get(chain.number) ?? this.#kept.keptSeq(chain);
  }

  /** Sees to it that whatever is sent of a chain is signed. */
  #close(chain: Chain): void {
    const last = this.lastSeq(chain);
    if (last < chain.tipSeq) this.#toSignature({ chain: chain.number, seq: last });
    // In the log, what is signed together may go on in a branch.
    for (const branch of this.#index.chains.branchesOf(chain)) {
      const seq = branch.firstSeq - 1;
      const isSent = seq >= this.firstSeq(chain) && seq <= last;
      if (isSent && this.lastSeq(branch) < branch.firstSeq) this.#toSignature({ chain: chain.number, seq });
    }
  }

  #toSignature(place: Place): void {
    const { offset, index: at } = this.#index.entry(this.#index.refAt(place));
    const { chainOf, entries, hashes } = this.#reader.bundle(offset);
    for (let i = at + 1; i < entries.length; i++) {
      if (chainOf[i] !== chainOf[at]) continue;
      const [entry, hash] = [entries[i], hashes[i]];
      assert(entry && hash, "a bundle's arrays are in step");
      const following = this.#index.find({ author: entry.author, seq: entry.seq, hash });
      assert(following, 'what the log has is in the DAG, bundle by bundle');
      this.#include(following);
    }
  }

  /** An entry and all of its ancestors. */
  #include(place: Place): void {
    const todo: Place[] = [place];
    for (let next = todo.pop(); next; next = todo.pop()) this.#extend(next, todo);
  }

  #extend({ chain: number, seq }: Place, todo: Place[]): void {
    const chain = this.#index.chains.at(number);
    const before = this.lastSeq(chain);
    if (seq <= before) return;
    this.#upTo.set(number, seq);
    this.#toClose.push(chain);
    if (before < chain.firstSeq && chain.parent !== undefined)
      todo.push({ chain: chain.parent, seq: chain.firstSeq - 1 });
    for (const join of this.#index.joins(number, before + 1, seq))
      for (const dep of join.deps) todo.push(this.#index.placeOf(dep));
  }
}
