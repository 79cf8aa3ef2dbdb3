import type { FileWindow } from './file-window.js';
import { bareFrameBytes, decodeHead, frameBytes, frameHeadBytes, isIntact } from './segment-frame.js';

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
  /** Bytes out of use. */
  | { readonly kind: 'gap'; readonly position: number; readonly next: number }
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
    if (typeof found !== 'number') {
      yield found;
      if (found.kind === 'seal') return;
      position = found.next;
      continue;
    }
    // Mostly this is the end of the data, and what was extended ahead: no need to look at each word of it.
    const blank = window.isBlankFrom(position);
    const next = blank ? undefined : nextIntact(window, salt, position + found);
    if (next === undefined) {
      yield { kind: 'rest', position, blank };
      return;
    }
    yield { kind: 'damaged', position, next };
    position = next;
  }
}

type Frame = Extract<SegmentItem, { kind: 'record' | 'seal' | 'gap' }>;

/** The intact frame that begins there, or else how far on the next one may begin. */
function frameAt(window: FileWindow, salt: number, position: number): Frame | number {
  const headAt = window.seek(position, frameHeadBytes);
  const head = headAt === undefined ? undefined : decodeHead(window.view, headAt, salt);
  if (head === undefined) return 8;
  if (head.kind === 'seal') return { kind: 'seal', position, next: position + bareFrameBytes };
  const { length, continued } = head;
  if (head.kind === 'gap') return { kind: 'gap', position, next: position + length };
  const step = frameBytes(length);
  const at = window.seek(position, step);
  if (at === undefined || !isIntact(window.bytes, window.view, at, head)) return step;
  const record = window.bytes.subarray(at + frameHeadBytes, at + frameHeadBytes + length);
  return { kind: 'record', position, next: position + step, continued, record };
}

function nextIntact(window: FileWindow, salt: number, from: number): number | undefined {
  for (let position = from; position < window.limit;) {
    const found = frameAt(window, salt, position);
    if (typeof found !== 'number') return position;
    position += found;
  }
  return undefined;
}
