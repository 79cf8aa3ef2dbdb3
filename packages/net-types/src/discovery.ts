import type { NodeId } from '@lattice/model';
import type { PeerAddress } from './transport.js';

/** What a discovery needs to know of the node that it works for. */
export interface DiscoveryHost {
  readonly self: NodeId;
  /** Where this node can be reached now. */
  readonly address: () => PeerAddress;
  /** Whom this node would like to find: the members of its meshes. Nobody else is recognised. */
  readonly peers: () => readonly NodeId[];
  /** Somebody claims to be that peer, there. Only a connection proves it. */
  readonly found: (peer: PeerAddress) => void;
}

/** Lets peers nearby find this node, and finds them, without a word to those who do not know its node id. */
export interface Discovery extends AsyncDisposable {
  /** To be called when `address` or `peers` may have changed: tells and asks again, and looks which interfaces there are. */
  review(): void;
}

/** Starts one. It never fails: where the network does not allow it, it goes on trying, and finds nobody. */
export type OpenDiscovery = (host: DiscoveryHost) => Discovery;
