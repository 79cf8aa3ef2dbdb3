import { compareBytes } from '@lattice/model';
import type { PeerLink } from '@lattice/net';
import type { Connection } from '@lattice/net-types';
import type { NodeContext } from './context.js';

/** Two connections that stand within so short a time are two dials that crossed; later ones replace a dead one. */
const crossingMs = 5_000;

/** The one connection with a peer. */
export interface Standing {
  readonly link: PeerLink;
  readonly sinceMs: number;
}

/** Of two dials that crossed, both sides keep the one by the smaller id; else a new one means that the old one is dead. */
export function isReplaced(
  { link, sinceMs }: Standing,
  connection: Connection,
  { key, timers }: NodeContext,
): boolean {
  const hasCrossed = timers.monotonicMs() - sinceMs < crossingMs && link.dialled !== connection.dialled;
  if (!hasCrossed) return true;
  const selfIsSmaller = compareBytes(key.nodeId, connection.remote) < 0;
  return connection.dialled === selfIsSmaller;
}
