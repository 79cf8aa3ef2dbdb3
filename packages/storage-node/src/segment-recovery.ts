import type { OpenFile } from '@lattice/storage';
import { FileWindow } from './file-window.js';
import { decodeHead, frameBytes, frameHeadBytes } from './segment-frame.js';
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
  /** Whether the log lost its end, as only the caller knows: what is damaged reaches to `end`, and nothing shows it. */
  readonly lostItsEnd: boolean;
  readonly damaged: readonly { readonly position: number; readonly next: number }[];
}

/**
 * Finds where the log ends. Nothing but its own content is believed. Damage is a torn append, to be cut off, if behind
 * it there is nothing intact, or only records of the same append; it is lost data, never to be cut off, if another append
 * was begun behind it, since that only happens when all before is synced. For the same reason nothing before the last
 * append can be torn: damage there is for whoever reads it to find, and opening a log costs little. `syncedTo`: a position before
 * which all is known to have been synced, so that nothing is torn there either; `Infinity`: another segment follows.
 */
export function findTail(file: OpenFile, salt: number, firstPosition: number, syncedTo = 0): TailState {
  const size = file.size();
  const window = new FileWindow(() => file, size);
  const damaged: { position: number; next: number }[] = [];
  /** Damage, as long as all behind it may belong to the same torn append. */
  let doubtful: { position: number; next: number }[] = [];
  let lastAppend = findLastAppend(window, salt, firstPosition);
  let end = lastAppend;
  let isSealed = false;
  let torn = size;
  for (const item of walkSegment(window, salt, lastAppend)) {
    if (item.kind === 'damaged') {
      doubtful.push(item);
      continue;
    }
    if (item.kind === 'rest') {
      if (item.blank && doubtful.length === 0) torn = end;
      break;
    }
    // A gap is made when all that is there is synced.
    const beginsAppend = item.kind === 'gap' || (item.kind === 'record' && !item.continued);
    const isTorn = doubtful.length > 0 && !beginsAppend && item.next > syncedTo;
    if (isTorn) continue;
    if (beginsAppend || doubtful.length > 0) lastAppend = item.position;
    damaged.push(...doubtful);
    doubtful = [];
    end = item.next;
    isSealed = item.kind === 'seal';
    if (isSealed) torn = end;
  }
  const isFollowed = syncedTo === Infinity;
  const lostItsEnd = !isSealed && end < syncedTo;
  if (lostItsEnd) {
    const next = isFollowed ? size : syncedTo;
    damaged.push({ position: end, next });
    end = lastAppend = next;
    isSealed = isFollowed;
    torn = isFollowed || end >= size || window.isBlankFrom(end) ? end : size;
  }
  return {
    end,
    isSealed,
    lastAppend,
    torn: torn - end,
    lostItsEnd: lostItsEnd && !isFollowed,
    damaged,
  };
}

/** Where the last append begins before which all heads are intact: it goes from head to head, past the records. */
function findLastAppend(window: FileWindow, salt: number, firstPosition: number): number {
  let lastAppend = firstPosition;
  for (let position = firstPosition; ;) {
    const at = window.seek(position, frameHeadBytes);
    const head = at === undefined ? undefined : decodeHead(window.view, at, salt);
    if (head?.kind !== 'record' && head?.kind !== 'gap') return lastAppend;
    if (!head.continued) lastAppend = position;
    position += head.kind === 'gap' ? head.length : frameBytes(head.length);
  }
}
