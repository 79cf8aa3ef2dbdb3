import {
  depsMax,
  type Entry,
  type EntryRef,
  type Hash,
  type Hlc,
  LatticeError,
  type NodeId,
  TimeSlice,
} from '@lattice/model';
import type { Chain } from './chain-table.js';
import type { Dag } from './dag.js';
import type { EntryRecord } from './entry-record.js';
import type { HybridClock } from './hybrid-clock.js';
import { lastWithin, OwnBranch, type OwnBranchOptions, recordNamed, sortedRefs } from './own-branch.js';
import type { ReplicaCore } from './replica-core.js';

/** Own entries that lie so far ahead of the clock that nobody else takes them yet. */
export interface Stranded {
  readonly entries: number;
  /** Of the last one. */
  readonly time: Hlc;
}

/** What was done about entries that a wrong clock had dated too far ahead. */
export interface ClockRepaired {
  /** Entries that were issued again: the originals have no effect any more. */
  readonly reissued: number;
  /** Entries that stay as they are, as those of this store are not issued again: others take them when their time comes. */
  readonly left: number;
}

/** What of the chain that this node writes lies beyond the horizon: its end, or nothing. */
export function strandedOf(dag: Dag, own: Chain | undefined, horizon: Hlc): Stranded | undefined {
  if (!own || own.tipTime <= horizon) return undefined;
  return { entries: own.tipSeq - (lastWithin(dag, own, horizon)?.seq ?? 0), time: own.tipTime };
}

/**
 * Goes on from the last own entry that is not dated too far ahead, with the operations of those that are: each issued again,
 * in order, by an entry that names its original. None of these is dated after its original, as it claims no more than the
 * clock says, or must, and sees nothing that the original did not, or what was issued again in place of that. Where entries
 * are not issued again (in the mesh store) one without operations makes the new branch, having seen what they had.
 *
 * The node goes on writing where it did until all are written: cut off in between, the repair is done again, and finds what it
 * has done already.
 */
export class ClockRepair {
  readonly #core: ReplicaCore;
  readonly #own: Chain;
  readonly #author: NodeId;
  readonly #now: Hlc;
  readonly #horizon: Hlc;

  constructor(core: ReplicaCore, own: Chain, clock: HybridClock) {
    this.#core = core;
    this.#own = own;
    this.#author = own.author;
    this.#now = clock.wall();
    this.#horizon = clock.horizon();
  }

  /** Returns with the hash of the new branch's last entry. Rejects with `clock-not-repaired`. */
  async run(options: OwnBranchOptions): Promise<ClockRepaired & { readonly tip: Hash }> {
    const { dag, projectUncounted } = this.#core.state;
    this.#requireCounting();
    const from = lastWithin(dag, this.#own, this.#horizon);
    const branch = new OwnBranch(this.#core, from, options);
    const { seq } = branch.end;
    const stranded = this.#own.tipSeq - seq;
    const slice = new TimeSlice(this.#core.options.timers);
    const originals = this.#originals(seq + 1);
    for (const { original, entry } of projectUncounted ? this.#merges(originals) : originals) {
      const done = original && dag.replacements.of(original);
      if (done) branch.goOnFrom(done);
      else await branch.write({ ...entry, hlc: this.#now });
      await slice.rest();
    }
    await branch.finish();
    const [reissued, left] = projectUncounted ? [0, stranded] : [stranded, 0];
    return { reissued, left, tip: branch.end.hash };
  }

  *#originals(firstSeq: number): Generator<Reissue> {
    const { index } = this.#core.state.dag;
    for (let seq = firstSeq; seq <= this.#own.tipSeq; seq++) {
      const original = index.entry(index.refAt({ chain: this.#own.number, seq }));
      const entry = this.#core.reader.entry(index, original.ref);
      const deps = entry.deps.flatMap((dep) => this.#within(dep) ?? []);
      yield { original, entry: { ...entry, deps: sortedRefs(deps), instead: original.hash } };
    }
  }

  /** What is to be named in place of a dep: where it is dated too far ahead, what its author issued again in its stead. */
  #within(dep: EntryRef): EntryRef | undefined {
    const { dag } = this.#core.state;
    const record = recordNamed(dag, dep);
    if (record.time <= this.#horizon) return dep;
    const again = dag.replacements.of(record);
    if (!again?.counted || again.time > this.#horizon) return undefined;
    return { author: dep.author, seq: again.seq, hash: again.hash };
  }

  /** Entries without operations that name the latest of what these named; the last one also names their last. */
  *#merges(originals: Iterable<Reissue>): Generator<Reissue> {
    const { index } = this.#core.state.dag;
    const latest = new Map<number, EntryRef>();
    let last: Reissue | undefined;
    for (const one of originals) {
      last = one;
      for (const dep of one.entry.deps) {
        const chain = index.find(dep)?.chain;
        if (chain !== undefined && dep.seq > (latest.get(chain)?.seq ?? 0)) latest.set(chain, dep);
      }
    }
    if (!last) return;
    const deps = sortedRefs(latest.values());
    const { instead, ...merge } = { ...last.entry, payload: new Uint8Array(0) };
    while (deps.length > depsMax)
      yield { original: undefined, entry: { ...merge, deps: deps.splice(0, depsMax) } };
    yield { original: last.original, entry: { ...merge, deps, ...(instead && { instead }) } };
  }

  /** What does not count replaces nothing, so the originals would be all there is. */
  #requireCounting(): void {
    const rule = this.#core.state.dag.counting.admission.rule(this.#author);
    if (rule?.cutOffs.length === 0 && rule.spans.some(({ after }) => this.#now > after)) return;
    throw new LatticeError(
      'clock-not-repaired',
      'What this node writes now would not count in that store: it is no member of the mesh any more, or was let in at a time that is yet to come. Nothing was changed.',
    );
  }
}

/** An entry to be written, but for its place; and which one it stands in for. */
interface Reissue {
  readonly original: EntryRecord | undefined;
  readonly entry: Entry;
}
