import type { IdKey, Random } from '@lattice/model';
import type { ViewMessage } from './messages.js';

/** What the views ask about the mesh. */
export interface Members {
  /** How many there are, this node included. */
  count(): number;
  /** Nobody else gets into a view. */
  has(node: IdKey): boolean;
  /** Some other member, at random, that may be reached; `undefined` when none is known. */
  any(): IdKey | undefined;
}

export type ViewInput =
  /** Enters the overlay through some member. */
  | { readonly kind: 'start' }
  | { readonly kind: 'message'; readonly from: IdKey; readonly message: ViewMessage }
  /** The link with the peer is broken, or could not be made. */
  | { readonly kind: 'lost'; readonly peer: IdKey }
  /** Members have come or gone. */
  | { readonly kind: 'members' }
  /** It is `wakeAtMs`, or later. */
  | { readonly kind: 'wake' };

export type ViewEffect =
  /** Over the link with the peer, which is made where there is none; where that fails, the peer is `lost`. */
  | { readonly kind: 'send'; readonly to: IdKey; readonly message: ViewMessage }
  /** The peer is in the active view now: the link with it is to be kept. */
  | { readonly kind: 'up'; readonly peer: IdKey }
  /** It is not any more. */
  | { readonly kind: 'down'; readonly peer: IdKey };

/** The paper's parameters, by the names that it gives them, and the times that it leaves open. */
export interface ViewParameters {
  /** Active random walk length: how far the news of a node that enters goes. */
  readonly arwl: number;
  /** Passive random walk length: where on that walk the node becomes a candidate. */
  readonly prwl: number;
  /** How many of the active view a shuffle names, and how many candidates. */
  readonly ka: number;
  readonly kp: number;
  readonly shuffleTtl: number;
  readonly shuffleEveryMs: number;
  /** The same while the active view is not full. */
  readonly hurryEveryMs: number;
  /** How long a peer may take to answer, the making of the link included. */
  readonly requestMaxMs: number;
  /** How many of all members enter anew, through one at random, in each period, so that halves of a mesh find together again. */
  readonly rejoins: number;
}

/** ARWL, PRWL, ka and kp as in HyParView, section 5.1; the times are ours. */
export const defaultViewParameters: ViewParameters = {
  arwl: 6,
  prwl: 3,
  ka: 3,
  kp: 4,
  shuffleTtl: 6,
  shuffleEveryMs: 60_000,
  hurryEveryMs: 10_000,
  requestMaxMs: 12_000,
  rejoins: 2,
};

export interface ViewsOptions {
  readonly self: IdKey;
  readonly members: Members;
  readonly random: Random;
  readonly parameters?: Partial<ViewParameters>;
}
