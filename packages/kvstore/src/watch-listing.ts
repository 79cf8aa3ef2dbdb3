import { compareBytes, concatBytes, keyBytesMax } from '@lattice/model';
import { keyBehind } from './key-behind.js';
import type { KvBackend } from './kv-handle.js';
import { keyOfRecord, recordKey, recordsEnd } from './record.js';
import type { Listing, WatchPosition } from './watch-cursor.js';
import type { WatchPage } from './watch-page.js';

/**
 * Tells present keys in their order until the page is full; once there are no more, what was applied since the listing
 * began is next: so a key that was written behind the listing's back is told then.
 */
export function listOn(from: Listing, page: WatchPage, { state }: KvBackend): WatchPosition {
  const following = { kind: 'following', era: from.era, ref: from.ref, op: 0 } as const;
  if (page.prefix.length > keyBytesMax) return following;
  const first = recordKey(page.prefix);
  const next = concatBytes(recordKey(from.after), Uint8Array.of(0));
  const gte = from.after.length > 0 && compareBytes(next, first) > 0 ? next : first;
  const lt = keyBehind(first) ?? recordsEnd;
  let { after } = from;
  for (const [key, stored] of compareBytes(gte, lt) < 0 ? state.range({ gte, lt }) : []) {
    if (page.isFull) return { ...from, after };
    after = keyOfRecord(key);
    page.tellPresent(after, stored);
  }
  return following;
}
