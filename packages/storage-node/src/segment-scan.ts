import type { LogItem, OpenFile } from '@lattice/storage';
import { FileWindow } from './file-window.js';
import { offsetOf, positionOf, segmentOf } from './segment-address.js';
import { type SegmentItem, walkSegment } from './segment-walk.js';

/** What a segment holds from the offset `from` to `to`, which is the end of the log or where the next segment begins. */
export function* scanSegment(
  file: () => OpenFile,
  salt: number,
  from: number,
  to: number,
): Generator<LogItem, void> {
  const segment = segmentOf(from);
  const limit = segmentOf(to) === segment ? positionOf(to) : file().size();
  let last: Extract<SegmentItem, { kind: 'record' | 'damaged' }> | undefined;
  for (const item of walkSegment(new FileWindow(file, limit), salt, positionOf(from))) {
    if (last !== undefined) {
      // Behind a seal, and a gap at the end, comes nothing: what follows is the first of the next segment, or what is appended next.
      const isLast = item.kind === 'seal' || (item.kind === 'gap' && offsetOf(segment, item.next) === to);
      const next = isLast ? to : offsetOf(segment, last.next);
      const offset = offsetOf(segment, last.position);
      if (last.kind === 'record') yield { kind: 'record', offset, next, record: last.record };
      else yield { kind: 'damaged', offset, next };
    }
    if (item.kind === 'seal') return;
    if (item.kind === 'rest') {
      const offset = offsetOf(segment, item.position);
      if (offset < to) yield { kind: 'damaged', offset, next: to };
      return;
    }
    last = item.kind === 'gap' ? undefined : item;
  }
}
