import {
  type Bundle,
  type EntryRef,
  type Hash,
  type IdKey,
  idKey,
  type LocalRef,
  type Steps,
  TimeSlice,
} from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import type { CommitLoop } from './commit-loop.js';
import { digestOf } from './hashing.js';
import type { LongWork } from './long-work.js';
import type { ReplicaCore } from './replica-core.js';
import { verifying } from './verify.js';

/** Looks for what the state knows of and the log has lost, a slice at a time; `undefined` where that is nothing. */
export async function lostEntriesOf(
  core: ReplicaCore,
  loop: CommitLoop,
  longWork: LongWork,
): Promise<LostEntries | undefined> {
  const found = await longWork.run({}, ({ signal }) =>
    new TimeSlice(core.options.timers).finish(search(core), (work) => {
      signal?.throwIfAborted();
      return work();
    }),
  );
  return found && new LostEntries(core, loop, longWork, found);
}

interface Found {
  /** All before it is whole in the log, and so are the ancestors of all that. */
  readonly firstRef: LocalRef;
  readonly hashes: ReadonlySet<IdKey>;
}

function* search(core: ReplicaCore): Steps<Found | undefined> {
  const { revision, state } = core;
  const holes = state.holes.covered();
  const hashes = new Set<IdKey>();
  let firstRef: LocalRef | undefined;
  for (let ref = 0; ref < state.dag.nextRef && holes.length > 0; ref++) {
    yield;
    // Computed anew meanwhile: whoever asked asks again.
    if (core.revision !== revision) return undefined;
    const { offset, hash } = state.dag.index.entry(ref as LocalRef);
    if (!holes.some((hole) => hole.offset <= offset && offset < hole.next)) continue;
    firstRef ??= ref as LocalRef;
    hashes.add(idKey(hash));
  }
  return firstRef === undefined ? undefined : { firstRef, hashes };
}

/**
 * What the log has lost of what the state has, and what a peer is to be told so that it sends that: that nothing is here from
 * the first of them on, whoever wrote it. Then its bundles come in causal order, each of them whole, and need nothing that is
 * lost and not in one before: a replay that gets to the log's end finds all that it needs.
 */
export class LostEntries {
  /** What is here for certain. */
  readonly tips: readonly EntryRef[];
  readonly #core: ReplicaCore;
  readonly #loop: CommitLoop;
  readonly #longWork: LongWork;
  readonly #revision: number;
  readonly #firstRef: LocalRef;
  readonly #missing: Set<IdKey>;

  constructor(core: ReplicaCore, loop: CommitLoop, longWork: LongWork, { firstRef, hashes }: Found) {
    this.#core = core;
    this.#loop = loop;
    this.#longWork = longWork;
    this.#revision = core.revision;
    this.#firstRef = firstRef;
    this.#missing = new Set(hashes);
    this.tips = [...this.#wholeTips()];
  }

  digest(): Hash {
    return digestOf(this.tips.map(({ hash }) => hash));
  }

  /** Whether the entry is whole in the log, as far as is known. */
  knows(entry: EntryRef): boolean {
    const { index } = this.#core.state.dag;
    const place = this.#core.revision === this.#revision ? index.find(entry) : undefined;
    return place !== undefined && index.refAt(place) < this.#firstRef;
  }

  /** How many are still missing. */
  get missing(): number {
    return this.#missing.size;
  }

  /** Appends a peer's bundle to the log that the state has already, where it is of use. Rejects as a write does. */
  take(bytes: Uint8Array): Promise<void> {
    return this.#longWork.run({}, () => this.#take(bytes));
  }

  async #take(bytes: Uint8Array): Promise<void> {
    const { index } = this.#core.state.dag;
    const slice = new TimeSlice(this.#core.options.timers);
    const verified = await slice.finish(verifying(bytes, (author, seq) => index.onlyHashAt(author, seq)));
    if (verified.kind !== 'verified' || !this.#isOfUse(verified.bundle)) return;
    const { bundle } = verified;
    await this.#loop.inTurn(() => this.#append(bundle));
    for (const hash of bundle.hashes) this.#missing.delete(idKey(hash));
  }

  /** What has nothing that is lost is whole in the log where it is. What is not in the DAG is not for this door. */
  #isOfUse({ entries, hashes }: Bundle): boolean {
    if (!hashes.some((hash) => this.#missing.has(idKey(hash)))) return false;
    const { index } = this.#core.state.dag;
    return entries.every(({ author, seq }, i) => {
      const hash = hashes[i];
      return hash !== undefined && index.findAt(author, seq, hash) !== undefined;
    });
  }

  async #append(bundle: Bundle): Promise<void> {
    const { options, state, waiting } = this.#core;
    await options.storage.log.append([encodeBundle(bundle, 'full')]);
    state.kv.transaction(() => {
      state.meta.cursor = { offset: waiting.replayFrom(options.storage.log.end), nextRef: state.dag.nextRef };
    });
  }

  *#wholeTips(): Generator<EntryRef> {
    const { state, published } = this.#core;
    const { index } = state.dag;
    for (const chain of index.chains) {
      let [whole, lost] = [chain.firstSeq - 1, published.keptSeq(chain) + 1];
      while (whole + 1 < lost) {
        const middle = Math.floor((whole + lost) / 2);
        if (index.refAt({ chain: chain.number, seq: middle }) < this.#firstRef) whole = middle;
        else lost = middle;
      }
      if (whole < chain.firstSeq) continue;
      const hash = index.hashAt({ chain: chain.number, seq: whole });
      yield { author: chain.author, seq: whole, hash };
    }
  }
}
