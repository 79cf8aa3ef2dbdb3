import { agoText } from '../output/ago-text.js';
import type { PeerReport } from './report.js';

/** Whether a peer is there, and if not, when it was. "Not linked": others are linked with it, and nobody here knows. */
export function seenText({ online, lastSeenMs }: PeerReport, nowMs: number): string {
  if (online) return 'online';
  const seen = lastSeenMs === undefined ? 'never met' : `last seen ${agoText(lastSeenMs, nowMs)}`;
  return online === undefined ? `not linked, ${seen}` : seen;
}

/** The same for a column that is headed "seen". */
export function seenAtText({ online, lastSeenMs }: PeerReport, nowMs: number): string {
  if (online) return 'online';
  if (online === undefined) return 'not linked';
  return lastSeenMs === undefined ? 'never' : agoText(lastSeenMs, nowMs);
}
