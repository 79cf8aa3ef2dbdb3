import { type EntryRef, equalBytes, Heap } from '@lattice/model';
import type { MeshPast } from './history.js';
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

/** An entry that counts and has revocations left to pick. */
interface Candidate {
  readonly state: EntryState;
  readonly rank: AdmissionState | undefined;
}

/**
 * Decides what counts; the verdicts are left in the ledger's states. The rule itself stands in the protocol, under
 * "membership".
 *
 * An entry counts through admissions before it, and an admission through its entry: so one pass in the ledger's order
 * settles everything under the revocations picked so far. Picking one more changes little as a rule; so afterwards only
 * those entries are looked at again on which something changed, again in order, until nothing changes.
 */
export class Counting {
  readonly #ledger: Ledger;
  readonly #proofs: ProofCache;
  readonly #toReview = new Heap<EntryState>((a, b) => a.order - b.order);
  readonly #queued = new Set<EntryState>();
  readonly #candidates = new Heap<Candidate>(compareCandidates);
  /** The one candidate of an entry that is not out of date. */
  readonly #current = new Map<EntryState, Candidate>();
  /** How many of an entry's revocations were picked: they go in order of their index. */
  readonly #pickedOf = new Map<EntryState, number>();
  readonly #picked: RevocationState[] = [];
  /** By target and revoker. */
  readonly #bans = new Map<AuthorState, Map<AuthorState, Ban>>();
  readonly #sound = new Map<AdmissionState, boolean>();

  constructor(ledger: Ledger, proofs: ProofCache) {
    this.#ledger = ledger;
    this.#proofs = proofs;
    this.#settle(ledger.entries);
    for (let next = this.#pick(); next !== undefined; next = this.#pick()) this.#picked.push(next);
  }

  /** The revocations that count, in the order in which they were picked. */
  get picked(): readonly RevocationState[] {
    return this.#picked;
  }

  /**
   * Counts entries that were just added to the ledger. No verdict on another changes with them, since it rests on that one's
   * past and on revocations: so it is `false`, and all is to be counted anew, where one of them revokes or has to do with
   * somebody who was revoked.
   */
  extend(added: readonly EntryState[]): boolean {
    if (added.some((state) => this.#hasToDoWithRevocations(state))) return false;
    this.#settle(added);
    return true;
  }

  #hasToDoWithRevocations({ author, admissions, revocations }: EntryState): boolean {
    if (revocations.length > 0 || this.#bans.has(author)) return true;
    return admissions.some(({ invite }) => invite !== undefined && this.#bans.has(invite.at.author));
  }

  #settle(states: readonly EntryState[]): void {
    for (const state of states) this.#lookAt(state);
    this.#settleAll();
  }

  #lookAt(state: EntryState): void {
    if (this.#queued.has(state)) return;
    this.#queued.add(state);
    this.#toReview.push(state);
  }

  #settleAll(): void {
    for (let state = this.#toReview.pop(); state !== undefined; state = this.#toReview.pop()) {
      this.#queued.delete(state);
      this.#review(state);
    }
  }

  /** Counts the most senior revocation that is left, and settles what follows from it. */
  #pick(): RevocationState | undefined {
    for (let next = this.#candidates.pop(); next !== undefined; next = this.#candidates.pop()) {
      const { state } = next;
      if (this.#current.get(state) !== next) continue;
      const place = this.#pickedOf.get(state) ?? 0;
      this.#pickedOf.set(state, place + 1);
      const revocation = state.revocations[place] as RevocationState;
      this.#count(revocation);
      this.#settleAll();
      this.#nominate(state);
      return revocation;
    }
    return undefined;
  }

  #count(revocation: RevocationState): void {
    const { past } = this.#ledger;
    const { target } = revocation;
    revocation.named = namedInPast(past, revocation);
    const bans = getOrAdd(this.#bans, target, () => new Map<AuthorState, Ban>());
    getOrAdd(bans, revocation.at.author, () => new Ban(past, target, (state) => this.#lookAt(state))).add(
      revocation,
    );
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
    const { past } = this.#ledger;
    let unseen: EntryState | undefined;
    for (const admission of state.author.admissions) {
      const { at, admits } = admission;
      if (!admits || at === unseen) continue;
      if (entrySees(past, state, at)) return admission;
      unseen = at;
    }
    return undefined;
  }

  #reviewAdmission(admission: AdmissionState): void {
    const admits = admission.at.counts && admission.refusals === 0 && this.#isSound(admission);
    if (admits === admission.admits) return;
    admission.admits = admits;
    admission.node.listed = undefined;
    if (admission.invite) admission.invite.listed = undefined;
    for (const state of admission.node.entries) if (state.order > admission.at.order) this.#lookAt(state);
  }

  #isSound(admission: AdmissionState): boolean {
    const known = this.#sound.get(admission);
    if (known !== undefined) return known;
    const sound = isSound(this.#ledger.past, this.#proofs, admission);
    this.#sound.set(admission, sound);
    return sound;
  }

  #nominate(state: EntryState): void {
    this.#current.delete(state);
    if (!state.counts || (this.#pickedOf.get(state) ?? 0) >= state.revocations.length) return;
    const candidate = { state, rank: state.rank };
    this.#current.set(state, candidate);
    this.#candidates.push(candidate);
  }
}

/**
 * In the mesh store a cut-off names only what lies in the revocation's past. Anything else is passed over: whoever has
 * the revocation then has all that it names, and need not wait for what may turn up.
 */
function namedInPast(past: MeshPast, { at, op }: RevocationState): EntryRef[] {
  const entries = op.cutOffs.find(({ store }) => equalBytes(store, past.id))?.entries ?? [];
  return entries
    .map(({ seq, hash }) => ({ author: op.node, seq, hash }))
    .filter((named) => past.seesNamed(at.entry, named));
}

/** By (rank, time, entry hash): the creator first, then by seniority. */
function compareCandidates(a: Candidate, b: Candidate): number {
  return compareRanks(a.rank, b.rank) || compareTimes(a.state, b.state);
}

function compareRanks(a: AdmissionState | undefined, b: AdmissionState | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return compareSeniority(a, b);
}
