import type { OpenDiscovery, Transport } from '@lattice/net-types';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';

export interface PeerManagerOptions {
  readonly context: NodeContext;
  readonly software: string;
  readonly meshes: () => readonly LocalMesh[];
  /** Makes the transport, the first time that the network is wanted. */
  readonly openTransport: () => Promise<Transport>;
  /** Finds members on the same link, where that is wanted. */
  readonly openDiscovery?: OpenDiscovery;
}
