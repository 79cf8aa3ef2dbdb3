import type { Brand, IdKey } from '@lattice/model';

/** Names a broadcast by what is in it, so that no peer can put another in its place: hexadecimal of 16 bytes. */
export type BroadcastId = string & Brand<'BroadcastId'>;

/** A broadcast that somebody has. */
export interface Announcement {
  readonly id: BroadcastId;
  /** Over how many links it will have come once it is pushed. */
  readonly round: number;
}

/** What keeps the views: the messages of HyParView. */
export type ViewMessage =
  | { readonly kind: 'join' }
  | { readonly kind: 'forward-join'; readonly node: IdKey; readonly ttl: number }
  | { readonly kind: 'neighbor'; readonly high: boolean }
  | { readonly kind: 'neighbor-reply'; readonly accepted: boolean }
  | { readonly kind: 'disconnect' }
  | {
      readonly kind: 'shuffle';
      readonly origin: IdKey;
      readonly ttl: number;
      readonly nodes: readonly IdKey[];
    }
  | { readonly kind: 'shuffle-reply'; readonly nodes: readonly IdKey[] };

/** What keeps the tree: the messages of Plumtree, but for the push itself, which carries the payload. */
export type TreeMessage =
  | { readonly kind: 'i-have'; readonly announcements: readonly Announcement[] }
  | { readonly kind: 'graft'; readonly id?: BroadcastId }
  | { readonly kind: 'prune' };

export type GossipMessage = ViewMessage | TreeMessage;

/** The most nodes that one shuffle names. */
export const shuffleNodesMax = 8;
/** The most broadcasts that one message announces: 10 KiB. */
export const announcementsMax = 512;
/** A longer walk, or a longer way of a broadcast, than any mesh has: what a peer says beyond is cut to that. */
export const ttlMax = 16;
export const roundMax = 255;
