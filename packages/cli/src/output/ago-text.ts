import { durationText } from '@lattice/model';

/** How long ago something was: "just now", "40 s ago", "3 min ago", "2 days ago". */
export function agoText(atMs: number, nowMs: number): string {
  const agoMs = nowMs - atMs;
  // A clock that was set since: what seems to be to come has just been.
  return agoMs < 5_000 ? 'just now' : `${durationText(agoMs)} ago`;
}
