/**
 * How an offset in the log names a place on disk: the upper part is the segment's number, the lower 32 bits are the
 * position in its file. So an offset needs no table to be looked up in, and a segment can be rewritten longer or shorter
 * without any other offset changing. 2^21 segments of 64 MiB fit below 2^53.
 */
const segmentSpan = 2 ** 32;

/** Positions in a segment's file stay below this. */
export const segmentBytesMax = segmentSpan;

export function offsetOf(segment: number, position: number): number {
  return segment * segmentSpan + position;
}

export function segmentOf(offset: number): number {
  return Math.floor(offset / segmentSpan);
}

export function positionOf(offset: number): number {
  return offset % segmentSpan;
}

/** A segment is named by its first offset: 16 hexadecimal digits. */
export function segmentName(segment: number): string {
  return `${offsetOf(segment, 0).toString(16).padStart(16, '0')}.log`;
}

/** The number of the segment of that name, or `undefined` where it is not one's name. */
export function segmentNumber(name: string): number | undefined {
  if (!/^[0-9a-f]{16}\.log$/.test(name)) return undefined;
  const offset = Number.parseInt(name.slice(0, 16), 16);
  return Number.isSafeInteger(offset) && positionOf(offset) === 0 ? segmentOf(offset) : undefined;
}
