import { type Replica, verifyBundle } from '@lattice/kernel';
import { hlcFromMs, type IdKey, LatticeError, maxDriftMs } from '@lattice/model';
import type { AdmitOutcome, SyncStore } from '@lattice/sync';
import {
  bundlesOf,
  causalOrder,
  type Dice,
  endOfTimeMs,
  everybody,
  type History,
  type HistoryEntry,
  type HistoryOptions,
  historyScripts,
  ReplicaRig,
  type RigOptions,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';

/** Random histories of a store that nobody needs to understand. */
export const history: HistoryOptions<number> = {
  operation: fc.nat(255),
  encode: (operations) => Uint8Array.from(operations),
  type: 'blind',
  version: 1,
};

export const scripts = historyScripts(history);

export const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

/** A replica, and what a session needs of it. */
export class Peer implements AsyncDisposable {
  readonly store: SyncStore;

  /** Its clock is past everything, unless given. */
  static async open(
    { genesis }: Pick<History, 'genesis'>,
    entries: Iterable<HistoryEntry>,
    dice: Dice,
    options: Partial<RigOptions> = {},
  ): Promise<Peer> {
    const time = new VirtualTime({ nowMs: endOfTimeMs });
    const admission = everybody;
    const rig = await ReplicaRig.open({ genesis, machine: undefined, time, admission, ...options });
    for (const bundle of bundlesOf(causalOrder(new Set(entries), dice), dice)) await rig.receive(bundle);
    return new Peer(rig);
  }

  private constructor(readonly rig: ReplicaRig) {
    const { replica, time } = rig;
    this.store = {
      tips: () => replica.tips(),
      timeOf: (tip) => replica.timeOf(tip),
      digest: () => replica.digest(),
      knows: (entry) => replica.find(entry) !== undefined,
      samples: (of) => replica.samples(of),
      outgoing: (has, horizon) => replica.outgoing(has).bundles(horizon)[Symbol.iterator](),
      horizon: () => hlcFromMs(time.nowMs() + maxDriftMs),
    };
  }

  get replica(): Replica {
    return this.rig.replica;
  }

  async admit(bytes: Uint8Array): Promise<AdmitOutcome> {
    const verification = verifyBundle(bytes, (author, seq) => this.replica.lookUp(author, seq));
    if (verification.kind === 'needs-full') return { kind: 'needs-full' };
    if (verification.kind !== 'verified') return { kind: 'invalid', reason: verification.kind };
    try {
      const admittance = await this.replica.admit(verification.bundle, 'a peer' as IdKey);
      switch (admittance.kind) {
        case 'admitted':
          return { kind: 'taken', entries: admittance.entries };
        case 'known':
          return { kind: 'taken', entries: 0 };
        case 'pending':
        case 'held':
          return { kind: 'taken', entries: 0, waits: true };
        case 'refused':
          return { kind: 'invalid', reason: admittance.reason };
      }
    } catch (error) {
      if (error instanceof LatticeError) return { kind: 'unable', reason: error.message };
      throw error;
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.rig.close();
  }
}
