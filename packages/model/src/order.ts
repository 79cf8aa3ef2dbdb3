import { compareBytes } from './bytes.js';
import type { EntryRef } from './entry.js';
import type { Hlc } from './hlc.js';
import type { Hash, NodeId } from './ids.js';

/** An operation's place in the one order that all nodes agree on. */
export interface Place {
  readonly time: Hlc;
  readonly author: NodeId;
  readonly entry: Hash;
  readonly op: number;
}

/** Orders by (time, author, entry hash, op index). The greatest wins. Returns < 0, 0 or > 0. */
export function comparePlaces(a: Place, b: Place): number {
  if (a.time !== b.time) return a.time < b.time ? -1 : 1;
  return compareBytes(a.author, b.author) || compareBytes(a.entry, b.entry) || a.op - b.op;
}

/** Orders by (author, seq, hash), as an entry's deps are. Returns < 0, 0 or > 0. */
export function compareEntryRefs(a: EntryRef, b: EntryRef): number {
  return compareBytes(a.author, b.author) || a.seq - b.seq || compareBytes(a.hash, b.hash);
}
