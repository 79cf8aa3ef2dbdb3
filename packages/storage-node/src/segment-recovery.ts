import type { OpenFile } from '@lattice/storage';
import { FileWindow } from './file-window.js';
import { walkSegment } from './segment-walk.js';

/** What the last segment holds, as found when it is opened. All positions in its file. */
export interface TailState {
  /** Behind the last record that may have been acknowledged. */
  readonly end: number;
  readonly isSealed: boolean;
  /** Where the last intact append began, or `end` where there is none. */
  readonly lastAppend: number;
  /** Bytes beyond `end` that a crash left of a write that was never acknowledged. */
  readonly torn: number;
  readonly damaged: readonly { readonly position: number; readonly next: number }[];
}

/**
 * Finds where the log ends. Nothing but its own content is believed. Damage is a torn append, to be cut off, if behind
 * it there is nothing intact, or only records of the same append; it is lost data, never to be cut off, if another append
 * was begun behind it, since that only happens when all before is synced.
 */
export function findTail(file: OpenFile, salt: number, firstPosition: number): TailState {
  const size = file.size();
  const damaged: { position: number; next: number }[] = [];
  /** Damage and what follows it, as long as it may all be one torn append. */
  let doubtful: { position: number; next: number }[] = [];
  let end = firstPosition;
  let lastAppend = firstPosition;
  let isSealed = false;
  let rest = size;
  for (const item of walkSegment(new FileWindow(() => file, size), salt, firstPosition)) {
    if (item.kind === 'damaged') {
      doubtful.push(item);
      continue;
    }
    if (item.kind === 'rest') {
      if (item.blank && doubtful.length === 0) rest = end;
      break;
    }
    const beginsAppend = item.kind === 'record' && !item.continued;
    if (doubtful.length > 0 && !beginsAppend) continue;
    damaged.push(...doubtful);
    doubtful = [];
    end = item.next;
    if (beginsAppend) lastAppend = item.position;
    isSealed = item.kind === 'seal';
    if (isSealed) rest = end;
  }
  return { end, isSealed, lastAppend, torn: rest - end, damaged };
}
