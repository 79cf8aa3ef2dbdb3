import { isIP } from 'node:net';
import type { PeerAddress } from '@lattice/net-types';
import { parseSocket } from './own-addresses.js';
import type { RelayChoice } from './relay-choice.js';

/** A peer's addresses come from others: more than that are not tried. */
const directMax = 32;

/**
 * What of a peer's address can be dialled: one malformed part would make the binding refuse the whole. `undefined` where
 * nothing is left to try, which the binding would do for 30 s.
 */
export function dialAddress(peer: PeerAddress, relay: RelayChoice): PeerAddress | undefined {
  const direct = peer.direct.filter(isDialable).slice(0, directMax);
  const usesRelay = relay !== 'off' && peer.relay !== undefined && URL.canParse(peer.relay);
  // With Iroh's default services the id alone can be enough: they look the addresses up.
  if (direct.length === 0 && !usesRelay && relay !== 'default') return undefined;
  return { nodeId: peer.nodeId, direct, ...(usesRelay && { relay: peer.relay }) };
}

function isDialable(text: string): boolean {
  const socket = parseSocket(text);
  return socket !== undefined && isIP(socket.host) !== 0 && socket.port > 0 && socket.port <= 65_535;
}
