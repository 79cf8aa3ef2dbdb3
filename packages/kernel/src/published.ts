import { assert, type EntryRef, type Hash, type Hlc } from '@lattice/model';
import type { Chain } from './chain-table.js';
import type { Dag } from './dag.js';
import { SortedHashes } from './sorted-hashes.js';

/**
 * What is kept, as others are told of it: as it was when `refresh` was called last, however far a bundle that goes in
 * slice by slice, or a recount, has come since. Each refresh costs as many chains as changed.
 */
export class Published {
  readonly dag: Dag;
  readonly #begun: ReadonlyMap<number, number>;
  /** By chain, up to where it is kept. */
  readonly #keptSeqs: number[] = [];
  /** By chain, the last seq that a kept branch begins behind. */
  readonly #branchedAt: number[] = [];
  /** By chain: its last kept entry, where that is no chain ancestor of another's. */
  readonly #tips: (EntryRef | undefined)[] = [];
  #list: readonly EntryRef[] | undefined;
  #entries = 0;
  readonly #hashes = new SortedHashes();
  /** Chains whose tip is not the one whose hash `#hashes` has. */
  readonly #stale = new Set<number>();
  readonly #hashed: (Hash | undefined)[] = [];
  #digest: Hash | undefined;

  /** `begun`: by chain, from which seq on nothing is told, since it is of a bundle that is not all there. */
  constructor(dag: Dag, begun: ReadonlyMap<number, number> = new Map()) {
    this.dag = dag;
    this.#begun = begun;
    dag.keeping.takeMoved();
    this.#update(new Set(dag.index.chains));
  }

  /** Whether it leaves out what is there of a bundle: `refresh` does not change that. */
  get isCut(): boolean {
    return this.#begun.size > 0;
  }

  refresh(): void {
    const moved = this.dag.keeping.takeMoved();
    if (moved.size > 0) this.#update(moved);
  }

  /** Up to where a chain is kept; less than its `firstSeq` where nothing of it is. */
  keptSeq({ number, firstSeq }: Chain): number {
    return this.#keptSeqs[number] ?? firstSeq - 1;
  }

  /** The last kept entry of every chain that is not a chain ancestor of another's: what is compared and exchanged. */
  tips(): readonly EntryRef[] {
    this.#list ??= this.#tips.filter((tip) => tip !== undefined);
    return this.#list;
  }

  /** Of an entry in the DAG; at hand where it is the last of its chain, as most tips are. */
  timeOf(tip: EntryRef): Hlc {
    const { index } = this.dag;
    const place = index.find(tip);
    assert(place, 'the entry is in the DAG');
    const { tipSeq, tipTime } = index.chains.at(place.chain);
    return place.seq === tipSeq ? tipTime : index.entry(index.refAt(place)).time;
  }

  /** Kept entries, over all chains. */
  get entries(): number {
    return this.#entries;
  }

  /** Costs the hashing of what the tips' hashes are together. */
  digest(): Hash {
    this.#digest ??= this.#computeDigest();
    return this.#digest;
  }

  #update(moved: ReadonlySet<Chain>): void {
    const review = new Set(moved);
    for (const chain of moved) {
      const keptSeq = this.#toldSeq(chain);
      this.#entries += keptSeq - this.keptSeq(chain);
      this.#keptSeqs[chain.number] = keptSeq;
    }
    for (const chain of moved) {
      if (chain.parent === undefined) continue;
      const parent = this.dag.index.chains.at(chain.parent);
      this.#branchedAt[parent.number] =
        this.#toldSeq(chain) < chain.firstSeq
          ? this.#lastBranchOf(parent)
          : Math.max(this.#branchedAt[parent.number] ?? 0, chain.firstSeq - 1);
      review.add(parent);
    }
    for (const chain of review) this.#review(chain);
  }

  #toldSeq({ number, keptSeq }: Chain): number {
    const begunAt = this.#begun.get(number);
    return begunAt === undefined ? keptSeq : Math.min(keptSeq, begunAt - 1);
  }

  /** Looked at all over again: only where a branch is not kept (any more). */
  #lastBranchOf(chain: Chain): number {
    const kept = this.dag.index.chains
      .branchesOf(chain)
      .filter((branch) => this.#toldSeq(branch) >= branch.firstSeq);
    return kept.reduce((last, { firstSeq }) => Math.max(last, firstSeq - 1), 0);
  }

  #review(chain: Chain): void {
    const { number, author, firstSeq } = chain;
    const seq = this.#toldSeq(chain);
    const isTip = seq >= firstSeq && (this.#branchedAt[number] ?? 0) < seq;
    const before = this.#tips[number];
    if (isTip ? before?.seq === seq : !before) return;
    this.#tips[number] = isTip
      ? { author, seq, hash: this.dag.index.hashAt({ chain: number, seq }) }
      : undefined;
    this.#list = undefined;
    this.#digest = undefined;
    this.#stale.add(number);
  }

  #computeDigest(): Hash {
    const [gone, come]: [Hash[], Hash[]] = [[], []];
    for (const number of this.#stale) {
      const [before, now] = [this.#hashed[number], this.#tips[number]?.hash];
      if (before === now) continue;
      if (before) gone.push(before);
      if (now) come.push(now);
      this.#hashed[number] = now;
    }
    this.#stale.clear();
    this.#hashes.replace(gone, come);
    return this.#hashes.digest();
  }
}
