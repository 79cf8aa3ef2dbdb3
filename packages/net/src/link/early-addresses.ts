import { type IdKey, idKey, type StoreId } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import type { LinkMesh } from './link-host.js';

/**
 * Where nodes are that a peer told of before the mesh store said here that they are members: so it is for a joiner, who
 * hears addresses first. They are learnt as soon as it does.
 */
export class EarlyAddresses {
  readonly #byMesh = new Map<IdKey, readonly PeerAddress[]>();

  /** In place of what was remembered of that mesh. */
  remember(mesh: StoreId, addresses: readonly PeerAddress[]): void {
    this.#byMesh.set(idKey(mesh), addresses);
  }

  /** Learns what is of members by now, and remembers the rest. To be called whenever members came. */
  review(mesh: LinkMesh): void {
    const addresses = this.#byMesh.get(idKey(mesh.id)) ?? [];
    const ofMembers = addresses.filter(({ nodeId }) => mesh.isMember(nodeId));
    if (ofMembers.length > 0) mesh.learn(ofMembers);
    this.#byMesh.set(
      idKey(mesh.id),
      addresses.filter((address) => !ofMembers.includes(address)),
    );
  }
}
