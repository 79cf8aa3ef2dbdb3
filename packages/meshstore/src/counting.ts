import { type EntryRef, equalBytes, Heap } from '@lattice/model';
import type { MeshHistory } from './history.js';
import { Ban } from './ban.js';
import { getOrAdd } from './get-or-add.js';
import {
  type AdmissionState,
  type AuthorState,
  compareSeniority,
  compareTimes,
  entrySees,
  type EntryState,
  type Ledger,
  type RevocationState,
} from './ledger.js';
import type { ProofCache } from './proofs.js';
import { isSound } from './soundness.js';

/**
 * Decides what counts, and returns the counted revocations in the order in which they were picked. The verdicts are
 * left in the ledger's states. The rule itself stands in the protocol, under "membership".
 *
 * An entry counts through admissions before it, and an admission through its entry: so one pass in the ledger's order
 * settles everything under the revocations picked so far. Picking one more changes little as a rule; so afterwards only
 * those entries are looked at again on which something changed, again in order, until nothing changes.
 */
export function countEntries(ledger: Ledger, proofs: ProofCache): readonly RevocationState[] {
  const counting = new Counting(ledger, proofs);
  for (const state of ledger.entries) counting.lookAt(state);
  counting.settle();
  const counted: RevocationState[] = [];
  for (let next = counting.pick(); next !== undefined; next = counting.pick()) counted.push(next);
  return counted;
}

/** An entry that counts and has revocations left to pick. */
interface Candidate {
  readonly state: EntryState;
  readonly rank: AdmissionState | undefined;
}

class Counting {
  readonly #ledger: Ledger;
  readonly #proofs: ProofCache;
  readonly #toReview = new Heap<EntryState>((a, b) => a.order - b.order);
  readonly #queued = new Set<EntryState>();
  readonly #candidates = new Heap<Candidate>(compareCandidates);
  /** The one candidate of an entry that is not out of date. */
  readonly #current = new Map<EntryState, Candidate>();
  /** How many of an entry's revocations were picked: they go in order of their index. */
  readonly #picked = new Map<EntryState, number>();
  /** By revoker and target. */
  readonly #bans = new Map<AuthorState, Map<AuthorState, Ban>>();
  readonly #sound = new Map<AdmissionState, boolean>();

  constructor(ledger: Ledger, proofs: ProofCache) {
    this.#ledger = ledger;
    this.#proofs = proofs;
  }

  lookAt(state: EntryState): void {
    if (this.#queued.has(state)) return;
    this.#queued.add(state);
    this.#toReview.push(state);
  }

  settle(): void {
    for (let state = this.#toReview.pop(); state !== undefined; state = this.#toReview.pop()) {
      this.#queued.delete(state);
      this.#review(state);
    }
  }

  /** Counts the most senior revocation that is left, and settles what follows from it. */
  pick(): RevocationState | undefined {
    for (let next = this.#candidates.pop(); next !== undefined; next = this.#candidates.pop()) {
      const { state } = next;
      if (this.#current.get(state) !== next) continue;
      const place = this.#picked.get(state) ?? 0;
      this.#picked.set(state, place + 1);
      const revocation = state.revocations[place] as RevocationState;
      this.#count(revocation);
      this.settle();
      this.#nominate(state);
      return revocation;
    }
    return undefined;
  }

  #count(revocation: RevocationState): void {
    const { history } = this.#ledger;
    const { target } = revocation;
    revocation.named = namedInPast(history, revocation);
    const bans = getOrAdd(this.#bans, revocation.at.author, () => new Map<AuthorState, Ban>());
    getOrAdd(bans, target, () => new Ban(history, target, (state) => this.lookAt(state))).add(revocation);
  }

  #review(state: EntryState): void {
    const { author, entry } = state;
    const rank = author.isCreator ? undefined : this.#seniority(state);
    const admitted = author.isCreator || (rank !== undefined && entry.hlc > rank.at.entry.time);
    const counts = admitted && state.rejections === 0;
    const changed = counts !== state.counts || rank !== state.rank;
    state.counts = counts;
    state.rank = rank;
    for (const admission of state.admissions) this.#reviewAdmission(admission);
    if (changed) this.#nominate(state);
  }

  /**
   * The author's first admission that the entry sees and that lets somebody in. No other need be asked about: an `hlc`
   * that is not after the first one's time is not after a later one's.
   */
  #seniority(state: EntryState): AdmissionState | undefined {
    const { history } = this.#ledger;
    let unseen: EntryState | undefined;
    for (const admission of state.author.admissions) {
      const { at, admits } = admission;
      if (!admits || at === unseen) continue;
      if (entrySees(history, state, at)) return admission;
      unseen = at;
    }
    return undefined;
  }

  #reviewAdmission(admission: AdmissionState): void {
    const admits = admission.at.counts && admission.refusals === 0 && this.#isSound(admission);
    if (admits === admission.admits) return;
    admission.admits = admits;
    for (const state of admission.node.entries) if (state.order > admission.at.order) this.lookAt(state);
  }

  #isSound(admission: AdmissionState): boolean {
    const known = this.#sound.get(admission);
    if (known !== undefined) return known;
    const sound = isSound(this.#ledger.history, this.#proofs, admission);
    this.#sound.set(admission, sound);
    return sound;
  }

  #nominate(state: EntryState): void {
    this.#current.delete(state);
    if (!state.counts || (this.#picked.get(state) ?? 0) >= state.revocations.length) return;
    const candidate = { state, rank: state.rank };
    this.#current.set(state, candidate);
    this.#candidates.push(candidate);
  }
}

/**
 * In the mesh store a cut-off names only what lies in the revocation's past. Anything else is passed over: whoever has
 * the revocation then has all that it names, and need not wait for what may turn up.
 */
function namedInPast(history: MeshHistory, { at, op }: RevocationState): EntryRef[] {
  const entries = op.cutOffs.find(({ store }) => equalBytes(store, history.id))?.entries ?? [];
  return entries
    .map(({ seq, hash }) => ({ author: op.node, seq, hash }))
    .filter((named) => history.seesNamed(at.entry, named));
}

/** By (rank, time, entry hash): the creator first, then by seniority. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return compareRanks(a.rank, b.rank) || compareTimes(a.state, b.state);
}

function compareRanks(a: AdmissionState | undefined, b: AdmissionState | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareSeniority(a, b);
}
