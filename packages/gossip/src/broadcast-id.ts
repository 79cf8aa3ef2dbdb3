import { blake3 } from '@lattice/crypto';
import { type StoreId, toHex } from '@lattice/model';
import type { BroadcastId } from './messages.js';

export const broadcastIdBytes = 16;

/** The name of a bundle that is spread: of what it is, so that it cannot be told of anything else. */
export function broadcastId(store: StoreId, bundle: Uint8Array): BroadcastId {
  return toHex(blake3('gossip', store, bundle).subarray(0, broadcastIdBytes)) as BroadcastId;
}
