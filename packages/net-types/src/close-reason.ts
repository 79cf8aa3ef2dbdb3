import { displayUtf8, utf8 } from '@lattice/model';
import { closeReasonBytesMax } from './limits.js';

/**
 * What of a close's words may be sent, shown or logged: no control characters (they would reach somebody's terminal),
 * and at most 200 bytes, cut between characters. Applied on both sides, since a peer sends what it likes.
 */
export function cleanReason(text: string): string {
  const bytes = utf8(text.slice(0, closeReasonBytesMax).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, ' '));
  if (bytes.length <= closeReasonBytesMax) return displayUtf8(bytes);
  let end = closeReasonBytesMax;
  while (isContinuation(bytes[end])) end--;
  return displayUtf8(bytes.subarray(0, end));
}

function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
