import type { StoreProblem as ProblemKinds } from '@lattice/kernel';

export interface StoreWorkOptions {
  readonly signal?: AbortSignal;
  /** Called often, with how far it is. */
  readonly onProgress?: (progress: StoreWorkProgress) => void;
}

export interface StoreWorkProgress {
  /** Entries of the log that were read and verified. */
  readonly entries: number;
  /** How many there are at least. */
  readonly ofEntries: number;
  /** Keys of index and state that were compared or copied since; 0 while the log is being read. */
  readonly keys: number;
}

export interface StoreCheckReport {
  readonly entries: number;
  /** Log records. */
  readonly bundles: number;
  /** One per chain and bundle. */
  readonly signatures: number;
  /** At most the first 100. */
  readonly problems: readonly StoreProblem[];
  readonly problemCount: number;
  /** Whether index and state were compared with the log: not where part of that is lost or cannot be believed. */
  readonly compared: boolean;
  /** What earlier rebuilds were told to go on without, the first one first. */
  readonly acceptedLosses: readonly AcceptedLoss[];
}

export interface StoreProblem {
  readonly kind: ProblemKinds['kind'];
  /** Which part of the store, for people. */
  readonly where: string;
  /** What is wrong, and what to do. */
  readonly message: string;
}

export interface StoreRebuildOptions extends StoreWorkOptions {
  /** Even where the log has lost what the state has now: it is to come from a member. */
  readonly force?: boolean;
  /**
   * Go on for good without what was lost, what this node wrote included. What it wrote that went on from that is issued again
   * behind its last entry whose ancestors are all here: where a member has what is lost here after all, that is a fork.
   */
  readonly acceptLoss?: boolean;
}

export interface StoreRebuildReport {
  /** What the state is computed from. */
  readonly entries: number;
  /** Entries of others that stay in the log, and out of the state, since they go on from what was lost. */
  readonly givenUp: number;
  /** Entries of this node that went on from what was lost, and were issued again. */
  readonly reissued: number;
}

/** What was gone on without for good, of a store whose log had lost it. */
export interface AcceptedLoss {
  /** When: Unix milliseconds. */
  readonly atMs: number;
  /** Stretches of the log that were damaged. */
  readonly places: number;
  /** Entries that the state had until then, and has no more. */
  readonly lost: number;
  /** Entries that stay in the log, and out of the state, since they go on from what was lost: those of others. */
  readonly givenUp: number;
}
