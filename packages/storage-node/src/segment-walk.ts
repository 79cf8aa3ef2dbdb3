import type { FileWindow } from './file-window.js';
import {
  decodeHead,
  frameBytes,
  frameHeadBytes,
  type FrameHead,
  isIntact,
  sealBytes,
} from './segment-frame.js';

export type SegmentItem =
  | {
      readonly kind: 'record';
      readonly position: number;
      readonly next: number;
      /** It was appended together with the record before it. */
      readonly continued: boolean;
      readonly record: Uint8Array;
    }
  | { readonly kind: 'seal'; readonly position: number; readonly next: number }
  /** No intact frame up to `next`, where there is one. */
  | { readonly kind: 'damaged'; readonly position: number; readonly next: number }
  /** The last item of a segment without a seal, or damaged before it: from here on nothing is intact. */
  | { readonly kind: 'rest'; readonly position: number; readonly blank: boolean };

/**
 * Walks through a segment's frames from a position at which one begins. Behind damage it goes on at the next intact
 * frame: at the place that a damaged record's own head gives, or else at the first multiple of 8 where one is found.
 */
export function* walkSegment(window: FileWindow, salt: number, from: number): Generator<SegmentItem, void> {
  let position = from;
  for (;;) {
    const found = frameAt(window, salt, position);
    if (found.intact) {
      yield found.item;
      if (found.item.kind === 'seal') return;
      position = found.item.next;
      continue;
    }
    // Mostly this is the end of the data, and what was extended ahead: no need to look at each word of it.
    const blank = window.isBlankFrom(position);
    const next = blank ? undefined : nextIntact(window, salt, position + found.step);
    if (next === undefined) {
      yield { kind: 'rest', position, blank };
      return;
    }
    yield { kind: 'damaged', position, next };
    position = next;
  }
}

type Found =
  | { readonly intact: true; readonly item: Extract<SegmentItem, { kind: 'record' | 'seal' }> }
  /** How far on the next frame may begin. */
  | { readonly intact: false; readonly step: number };

function frameAt(window: FileWindow, salt: number, position: number): Found {
  const head = headAt(window, salt, position);
  if (head === undefined) return { intact: false, step: 8 };
  if (head.kind === 'seal')
    return { intact: true, item: { kind: 'seal', position, next: position + sealBytes } };
  const step = frameBytes(head.length);
  const at = window.seek(position, step);
  if (at === undefined || !isIntact(window.bytes, window.view, at, head)) return { intact: false, step };
  const record = window.bytes.slice(at + frameHeadBytes, at + frameHeadBytes + head.length);
  return {
    intact: true,
    item: { kind: 'record', position, next: position + step, continued: head.continued, record },
  };
}

function nextIntact(window: FileWindow, salt: number, from: number): number | undefined {
  for (let position = from; position < window.limit;) {
    const found = frameAt(window, salt, position);
    if (found.intact) return position;
    position += found.step;
  }
  return undefined;
}

function headAt(window: FileWindow, salt: number, position: number): FrameHead | undefined {
  const at = window.seek(position, frameHeadBytes);
  return at === undefined ? undefined : decodeHead(window.bytes, window.view, at, salt);
}
