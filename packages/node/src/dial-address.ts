import type { NodeId } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';

/** What is known of where a peer is. */
export interface Whereabouts {
  /** As it is said to be on the links that this node is on. */
  readonly nearby: readonly string[];
  /** As the address book has it. */
  readonly known: PeerAddress | undefined;
  /** Where this node is: nobody else is there, though a former key of its own may be said to be. */
  readonly own: PeerAddress | undefined;
}

/** Where to dial a peer; `undefined` where there is nowhere to look. */
export function dialAddressOf(nodeId: NodeId, { nearby, known, own }: Whereabouts): PeerAddress | undefined {
  const said = new Set([...nearby, ...(known?.direct ?? [])]);
  for (const address of own?.direct ?? []) said.delete(address);
  const direct = [...said];
  if (direct.length === 0 && !known?.relay) return undefined;
  return known?.relay ? { nodeId, direct, relay: known.relay } : { nodeId, direct };
}
