import { compareBytes } from '@lattice/model';
import type { PeerLink } from '@lattice/net';
import type { Connection } from '@lattice/net-types';
import type { NodeContext } from './context.js';

/** Two connections that stand within so short a time are two dials that crossed, and neither side may know of the other's yet. */
const crossingMs = 1_000;

/** The one connection with a peer. */
export interface Standing {
  readonly link: PeerLink;
  readonly sinceMs: number;
}

/**
 * What becomes of a connection while another one with its peer stands. Of two dials that crossed, both sides keep the one by the
 * smaller id. Else an own dial comes late, since nobody dials who is connected: the one that stands is in use by now. And a peer
 * that dials anew has lost the one that stands, if it means what it does.
 */
export function fateOf(
  { link, sinceMs }: Standing,
  { dialled, remote }: Connection,
  { key, timers }: NodeContext,
): 'kept' | 'closed' | 'kept once the peer speaks on it' {
  const selfIsSmaller = compareBytes(key.nodeId, remote) < 0;
  const hasCrossed = timers.monotonicMs() - sinceMs < crossingMs && link.dialled !== dialled;
  if (hasCrossed && dialled !== selfIsSmaller) return 'closed';
  if (!dialled) return 'kept once the peer speaks on it';
  return hasCrossed ? 'kept' : 'closed';
}
