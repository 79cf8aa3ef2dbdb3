import { equalBytes, type EntryRef } from '@lattice/model';
import type { MeshPast } from './history.js';
import {
  type AdmissionState,
  type AuthorState,
  type EntryState,
  opSees,
  type RevocationState,
} from './ledger.js';

/**
 * All counted revocations of one member by another. They widen each other: the ban accepts what any of them does.
 *
 * Anybody can write thousands of revocations; so a ban remembers what it has decided, and one more revocation costs no
 * more than it has to say: nothing, where it repeats what it follows.
 */
export class Ban {
  readonly #past: MeshPast;
  readonly #target: AuthorState;
  readonly #onChange: (state: EntryState) => void;
  /** The target's entries that it does not accept. */
  #rejected: readonly EntryState[] = [];
  /** Of admissions on the target's invites that see some of it: whether what they see of it accepts the invite. */
  readonly #accepting = new Map<AdmissionState, boolean>();
  #last: RevocationState | undefined;
  /** Whether each of its revocations sees the one before it, as long as the revoker's chain did not fork. */
  #isLine = true;

  /** `onChange` hears of each entry on which something changed. */
  constructor(past: MeshPast, target: AuthorState, onChange: (state: EntryState) => void) {
    this.#past = past;
    this.#target = target;
    this.#onChange = onChange;
  }

  add(revocation: RevocationState): void {
    const last = this.#last;
    this.#last = revocation;
    if (last === undefined) {
      this.#rejectAllBut(revocation.named);
      this.#tell(this.#target.entries, revocation);
      return;
    }
    const follows = opSees(this.#past, revocation, last);
    this.#isLine &&= follows;
    const fresh = revocation.named.filter((one) => !includes(last.named, one));
    const accepted = this.#accept(fresh);
    // Whoever sees this one sees all before it: there is news only of what is newly accepted, unless the chain forked.
    const isPlain = follows && (this.#isLine || fresh.length === 0);
    this.#tell(isPlain ? accepted : this.#target.entries, revocation);
  }

  #rejectAllBut(named: readonly EntryRef[]): void {
    this.#rejected = this.#target.entries.filter((state) => !accepts(this.#past, named, state));
    for (const state of this.#rejected) {
      state.rejections++;
      this.#onChange(state);
    }
  }

  #accept(named: readonly EntryRef[]): readonly EntryState[] {
    if (named.length === 0) return [];
    const accepted: EntryState[] = [];
    const rejected: EntryState[] = [];
    for (const state of this.#rejected) (accepts(this.#past, named, state) ? accepted : rejected).push(state);
    this.#rejected = rejected;
    for (const state of accepted) {
      state.rejections--;
      this.#onChange(state);
    }
    return accepted;
  }

  /** Tells the admissions on these entries' invites. */
  #tell(states: readonly EntryState[], revocation: RevocationState): void {
    for (const { inviteAdmissions } of states) {
      for (const admission of inviteAdmissions) this.#tellOne(admission, revocation);
    }
  }

  /** An admission knows only of the revocations that it sees: who was let in before the news arrived stays. */
  #tellOne(admission: AdmissionState, revocation: RevocationState): void {
    const { invite } = admission;
    if (invite === undefined || !opSees(this.#past, admission, revocation)) return;
    const before = this.#accepting.get(admission);
    if (before === true) return;
    const after = accepts(this.#past, revocation.named, invite.at);
    this.#accepting.set(admission, after);
    if (after === before) return;
    if (!after) admission.refusals++;
    else if (before === false) admission.refusals--;
    this.#onChange(admission.at);
  }
}

/** Whether an entry is one of those named, or a chain ancestor of one. */
function accepts(past: MeshPast, named: readonly EntryRef[], { entry }: EntryState): boolean {
  return named.some((last) => entry.seq <= last.seq && past.leadsTo(entry, last));
}

function includes(named: readonly EntryRef[], { seq, hash }: EntryRef): boolean {
  return named.some((other) => other.seq === seq && equalBytes(other.hash, hash));
}
