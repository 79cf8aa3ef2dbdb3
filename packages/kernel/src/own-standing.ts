import {
  type Admission,
  type AdmissionSpan,
  assert,
  type Entry,
  type EntryRef,
  type NodeId,
} from '@lattice/model';
import { clockBehindError } from './commit-refusals.js';
import type { Dag } from './dag.js';
import type { HybridClock } from './hybrid-clock.js';
import type { Sealed } from './sealer.js';

/**
 * Sees to it that what this node writes lies behind its own admission. Whoever writes has asked so before; but the clock may
 * have been set back since then, by days, or started again: the entry would count nowhere, though it was acknowledged.
 */
export class OwnStanding {
  readonly #self: NodeId;
  readonly #clock: HybridClock;
  #admission: Admission | undefined;
  #spans: readonly AdmissionSpan[] = [];

  constructor(self: NodeId, clock: HybridClock) {
    this.#self = self;
    this.#clock = clock;
  }

  /**
   * Throws `clock-behind` where that entry, sealed and in no log yet, is not, by the clock alone: what else it counts for, or
   * not, is not asked. `dag`: absent where the entry goes on from the one that was asked about last, under the same admission.
   */
  requireTimely({ bundle }: Sealed, dag: Dag | undefined): void {
    const [entry] = bundle.entries;
    assert(entry, 'an own entry is a bundle of its own');
    if (dag) this.#follow(dag.counting.admission);
    // Of somebody who is no member, no clock is to blame.
    if (this.#spans.length === 0 || this.#spans.some((span) => this.#mayLetIn(entry, span, dag))) return;
    throw clockBehindError();
  }

  #follow(admission: Admission): void {
    if (admission === this.#admission) return;
    this.#admission = admission;
    this.#spans = admission.rule(this.#self)?.spans ?? [];
  }

  /** What lies beyond the horizon is not named: then the entry sees it only through the one before it. */
  #mayLetIn(entry: Entry, { after, behind }: AdmissionSpan, dag: Dag | undefined): boolean {
    if (entry.hlc <= after) return false;
    return !behind || !dag || after <= this.#clock.horizon() || isSeenBefore(entry, behind, dag);
  }
}

function isSeenBefore({ author, seq, prev }: Entry, named: EntryRef, { index, causality }: Dag): boolean {
  const before = index.recordOf(author, seq - 1, prev);
  const seen = index.recordOf(named.author, named.seq, named.hash);
  return before !== undefined && seen !== undefined && causality.recordSees(before, seen.ref);
}
