import type { Hash, Hlc, IdKey } from '@lattice/model';

export interface ReplicaStatus {
  /** Kept entries, over all chains. */
  readonly entries: number;
  readonly chains: number;
  readonly pending: number;
  readonly held: number;
  readonly forks: ReadonlyMap<IdKey, number>;
  readonly digest: Hash;
  readonly needsUpgrade: number;
  readonly latestTime: Hlc;
  /**
   * Whether part of the log is damaged and what lies behind waits for peers to fill the hole, or the last that this node
   * wrote may have been there: nothing is written until then.
   */
  readonly damaged: boolean;
  /** Whether the log has what there was no room to put into the state, which serves what it has until there is. */
  readonly behind: boolean;
}
