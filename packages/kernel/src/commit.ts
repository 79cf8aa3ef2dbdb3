import type { Bundle, Hash, IdKey, LocalRef } from '@lattice/model';
import type { Conflicts } from './conflicts.js';
import type { Sender } from './waiting-room.js';

/** What entered the DAG in one step, once it is durable and applied. */
export interface Commit {
  readonly bundle: Bundle;
  readonly origin: 'local' | Sender;
  /** Whether all of it counts now. */
  readonly counts: boolean;
  /** Authors who forked by it. */
  readonly forked: readonly IdKey[];
  /** Keys of which it brought several writes together that did not know of each other. */
  readonly conflicts: Conflicts;
}

/** What became of a bundle that a peer handed over. */
export type Admittance =
  | { readonly kind: 'admitted'; readonly entries: number }
  | { readonly kind: 'known' }
  /** It waits for an ancestor, or for its time to come. */
  | { readonly kind: 'pending' }
  | { readonly kind: 'held' }
  | { readonly kind: 'refused'; readonly reason: string };

/** What became of a write. */
export interface Written {
  readonly entry: Hash;
  readonly ref: LocalRef;
  /** Where its operations begin among those of the entry, which it may share with other writes. */
  readonly offset: number;
  /** Index of its first operation within the entry; its others follow. */
  readonly op: number;
}
