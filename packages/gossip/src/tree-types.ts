import type { IdKey } from '@lattice/model';
import type { BroadcastId, TreeMessage } from './messages.js';

export type TreeInput =
  /** A link of the active view has come. */
  | { readonly kind: 'up'; readonly peer: IdKey }
  | { readonly kind: 'down'; readonly peer: IdKey }
  | { readonly kind: 'message'; readonly from: IdKey; readonly message: TreeMessage }
  /** A push has come; how far it had to come. */
  | { readonly kind: 'pushed'; readonly from: IdKey; readonly id: BroadcastId; readonly round: number }
  /**
   * There is something to tell the others: own, or what was pushed to this node and has turned out to be good, or (with
   * `announceOnly`) what came otherwise, which most may have.
   */
  | { readonly kind: 'broadcast'; readonly id: BroadcastId; readonly announceOnly?: boolean }
  /** It is `wakeAtMs`, or later. */
  | { readonly kind: 'wake' };

export type TreeEffect =
  | { readonly kind: 'send'; readonly to: IdKey; readonly message: TreeMessage }
  /** The payload, as far as it is still there. */
  | { readonly kind: 'push'; readonly to: IdKey; readonly id: BroadcastId; readonly round: number }
  /** Not seen before: to be looked at, and `broadcast` if it is good. */
  | { readonly kind: 'deliver'; readonly from: IdKey; readonly id: BroadcastId }
  /** Announced by that peer, last of all, and never pushed by anybody who was asked. */
  | { readonly kind: 'gap'; readonly from: IdKey; readonly id: BroadcastId };

/** The times and the threshold that the paper leaves to the one who uses it. */
export interface TreeParameters {
  /** How long after the first announcement the push may still come, before it is asked for. */
  readonly graftAfterMs: number;
  /** How long who was asked may take, before the next is: about a round trip. */
  readonly nextGraftAfterMs: number;
  /** How long announcements wait for others to go with. */
  readonly announceAfterMs: number;
  /** How many links shorter a way must be for the tree to take it. (Section 3.8.) 0: never. */
  readonly threshold: number;
}

export const defaultTreeParameters: TreeParameters = {
  graftAfterMs: 500,
  nextGraftAfterMs: 250,
  announceAfterMs: 50,
  threshold: 0,
};
