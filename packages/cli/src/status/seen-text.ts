import { agoText } from '../output/ago-text.js';
import type { PeerReport } from './report.js';

/** Whether a peer is there, and if not, when it was. */
export function seenText({ online, lastSeenMs }: PeerReport, nowMs: number): string {
  if (online) return 'online';
  return lastSeenMs === undefined ? 'never met' : `last seen ${agoText(lastSeenMs, nowMs)}`;
}

/** The same for a column that is headed "seen". */
export function seenAtText({ online, lastSeenMs }: PeerReport, nowMs: number): string {
  if (online) return 'online';
  return lastSeenMs === undefined ? 'never' : agoText(lastSeenMs, nowMs);
}
