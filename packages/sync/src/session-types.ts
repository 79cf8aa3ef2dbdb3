import type { EntryRef, Hash, Hlc } from '@lattice/model';
import type { SendableBundle, wire } from '@lattice/proto';

/** What a session asks of the store that it syncs. */
export interface SyncStore {
  /** The kept tips. */
  tips(): readonly EntryRef[];
  digest(): Hash;
  /** Of a tip: its place in time. */
  timeOf(tip: EntryRef): Hlc;
  /** Whether the entry is in the DAG here. */
  knows(entry: EntryRef): boolean;
  /** An entry's chain ancestors at exponentially growing distances. */
  samples(of: EntryRef): readonly EntryRef[];
  /**
   * The kept entries that somebody lacks who has these, up to the horizon, as bundles in causal order; nothing now and then
   * where the next one takes long to find.
   */
  outgoing(has: readonly EntryRef[], horizon: Hlc): Iterator<SendableBundle | undefined>;
  /** The latest time that is not held now. */
  horizon(): Hlc;
}

/** What a session hears: from the peer, or from whoever drives it. */
export type SyncInput =
  | { readonly kind: 'start' }
  | { readonly kind: 'message'; readonly message: wire.SyncMessage }
  /** What became of a bundle that the session asked to be admitted. */
  | { readonly kind: 'admitted'; readonly index: bigint; readonly outcome: AdmitOutcome };

export type AdmitOutcome =
  | {
      readonly kind: 'taken';
      /** How many of its entries are new in the DAG. */
      readonly entries: number;
      /** It waits for an ancestor, or for its time. */
      readonly waits?: boolean;
      /** Some of its entries do not count. */
      readonly uncounted?: boolean;
    }
  | { readonly kind: 'needs-full' }
  /** It does not verify, or breaks a rule: the peer's fault. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** This node cannot take it now. */
  | { readonly kind: 'unable'; readonly reason: string };

/** What is to be done next, in order. */
export type SyncEffect =
  | { readonly kind: 'send'; readonly message: wire.SyncMessage }
  /** Verify and admit, and answer with `admitted`. One at a time, in order. */
  | { readonly kind: 'admit'; readonly index: bigint; readonly bundle: Uint8Array }
  | { readonly kind: 'end'; readonly outcome: SyncOutcome };

export type SyncOutcome =
  | { readonly kind: 'equal' }
  | { readonly kind: 'done' }
  /** Two tips had one short id, or ranges left something out: to be begun again with whole tips. */
  | { readonly kind: 'collision' }
  /** `blame`: the peer broke the protocol; what it sent is not worth asking for again. */
  | { readonly kind: 'failed'; readonly reason: string; readonly blame: boolean };

/** How far a session is. */
export interface SyncProgress {
  readonly sentEntries: number;
  readonly receivedEntries: number;
  /** How many are to be sent in all, once that is known; never, where branches part. */
  readonly toSend?: number;
  /** How many are to be received in all. What others bring meanwhile is not received here. */
  readonly toReceive?: number;
}

export interface SyncStats {
  sentEntries: number;
  receivedEntries: number;
  /** Answers waited for before the first bundle could go. */
  roundTrips: number;
}
