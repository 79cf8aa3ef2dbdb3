import {
  type Entry,
  type Hash,
  type Hlc,
  type IdKey,
  idKey,
  type LocalRef,
  type NodeId,
  TimeSlice,
} from '@lattice/model';
import type { Chain } from './chain-table.js';
import type { LeftBehind, OwnLeft } from './left-behind.js';
import { type LogReader, unlessDamaged } from './log-reader.js';
import { type End, lastWithin, OwnBranch, type OwnBranchOptions } from './own-branch.js';
import { reissuedPayload } from './operations.js';
import type { ReplicaCore } from './replica-core.js';
import { SeenAgain } from './seen-again.js';

/** What became of own entries that went on from what was lost. */
export interface Reissued {
  /** How many were issued again. */
  readonly entries: number;
  /** For how many of them something stands in now, what was issued before included. */
  readonly inAll: number;
  /** The last one that was written now, if any was. */
  readonly tip: End | undefined;
}

/**
 * Issues again what this node wrote that went on from what was lost: the same payload by an entry that names its original. None
 * of these is dated after its original, as it claims the same and sees nothing that the original did not, or what was issued
 * again in place of that: so the latest write stays the latest, and an original that turns up after all is replaced.
 *
 * To be done before the loss is accepted: cut off in between, it is done again, and finds what it has done already.
 */
export async function reissue(
  core: ReplicaCore,
  left: LeftBehind,
  own: Chain | undefined,
  options: OwnBranchOptions,
): Promise<Reissued> {
  const [first] = left.own;
  if (!first || !mayCount(core, options.author)) return { entries: 0, inAll: 0, tip: undefined };
  const { dag } = core.state;
  const slice = new TimeSlice(core.options.timers);
  const from = own && lastWithin(dag, own, (first.time - 1n) as Hlc);
  const work = new Reissue(core, options.author, new OwnBranch(core, from, options), from?.ref);
  for (const one of left.own) {
    await work.again(one);
    await slice.rest();
  }
  return work.finish();
}

class Reissue {
  readonly #core: ReplicaCore;
  readonly #author: NodeId;
  readonly #branch: OwnBranch;
  readonly #seen: SeenAgain;
  /** What each entry became that operations may name. */
  readonly #became = new Map<IdKey, Hash>();
  #entries = 0;
  #inAll = 0;
  #hasWritten = false;

  constructor(core: ReplicaCore, author: NodeId, branch: OwnBranch, from: LocalRef | undefined) {
    this.#core = core;
    this.#author = author;
    this.#branch = branch;
    this.#seen = new SeenAgain(core, author, from);
  }

  async again(left: OwnLeft): Promise<void> {
    const original = readAgain(this.#core.reader, left);
    if (!original) return;
    const { entry, hash } = original;
    const { instead } = entry;
    this.#inAll++;
    if (!this.#replaces || this.#isWanted(left, entry))
      if (await this.#write(left, entry, hash)) this.#entries++;
    // What the original stood in for may be here, or turn up without it.
    if (instead && this.#replaces) await this.#write(left, { ...entry, payload: noPayload }, instead);
  }

  async finish(): Promise<Reissued> {
    await this.#branch.finish();
    const tip = this.#hasWritten ? this.#branch.end : undefined;
    return { entries: this.#entries, inAll: this.#inAll, tip };
  }

  /** In the mesh store nothing is ever replaced. */
  get #replaces(): boolean {
    return !this.#core.state.projectUncounted;
  }

  /** One without operations that stands in for another has nothing else to say. */
  #isWanted({ isReplaced }: OwnLeft, { instead, payload }: Entry): boolean {
    return !isReplaced && (!instead || payload.length > 0);
  }

  /** Returns whether that was still to be done. */
  async #write({ time }: OwnLeft, { hlc, deps, payload: said }: Entry, instead: Hash): Promise<boolean> {
    const { replacements } = this.#core.state.dag;
    const { machine } = this.#core.options;
    const done = replacements.naming(this.#author, instead);
    if (done) {
      if (done.time <= time) this.#branch.goOnFrom(done);
      return false;
    }
    const { payload, names } = reissuedPayload(machine, said, (entry) => this.#nowOf(entry));
    const hash = await this.#branch.write({ hlc, deps: this.#seen.deps(deps, names), payload, instead });
    if (machine?.reissued) this.#became.set(idKey(instead), hash);
    this.#hasWritten = true;
    return true;
  }

  #nowOf(entry: Hash): Hash {
    const { replacements } = this.#core.state.dag;
    return this.#became.get(idKey(entry)) ?? replacements.naming(this.#author, entry)?.hash ?? entry;
  }
}

const noPayload = new Uint8Array(0);

function readAgain(
  reader: LogReader,
  { offset, index }: OwnLeft,
): { readonly entry: Entry; readonly hash: Hash } | undefined {
  const bundle = unlessDamaged(() => reader.bundle(offset));
  const [entry, hash] = [bundle?.entries[index], bundle?.hashes[index]];
  return entry && hash && { entry, hash };
}

/** What does not count is of no use to anybody, and replaces nothing. */
function mayCount({ state }: ReplicaCore, author: NodeId): boolean {
  return state.dag.counting.admission.rule(author)?.cutOffs.length === 0;
}
