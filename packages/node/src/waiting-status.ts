import type { Replica } from '@lattice/kernel';
import { hlcToMs, nodeIdFromText } from '@lattice/model';
import type { StoreStatus } from './public.js';

/** What waits in a store and why; cheap where nothing does. */
export function waitingStatus(replica: Replica, nowMs: number): Pick<StoreStatus, 'missing' | 'heldAuthors'> {
  const { missing, heldAuthors } = replica.waiting();
  return {
    missing: missing.map(({ entry, waiting, from }) => ({
      author: entry.author,
      seq: entry.seq,
      entry: entry.hash,
      waiting,
      sender: from === 'log' ? undefined : nodeIdFromText(from),
    })),
    heldAuthors: heldAuthors.map(({ author, entries, issuedAgain, latest }) => ({
      author,
      entries,
      aheadMs: Math.max(0, hlcToMs(latest) - nowMs),
      ...(issuedAgain === entries ? { isRepaired: true } : {}),
    })),
  };
}
