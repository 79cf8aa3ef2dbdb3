import type { NodeId, StoreId } from '@lattice/model';
import type { PeerAddress } from '@lattice/net-types';
import type { wire } from '@lattice/proto';
import { fromWireAddresses, toWireAddresses } from './addresses.js';
import { EarlyAddresses } from './early-addresses.js';
import type { LinkMesh } from './link-host.js';
import { meshTag } from './mesh-tag.js';
import type { Standing } from './standing.js';

export interface AddressExchangeOptions {
  readonly self: NodeId;
  readonly peer: NodeId;
  readonly standing: Standing;
  readonly shares: (mesh: StoreId) => boolean;
  readonly send: (addresses: { readonly meshTag: Uint8Array; readonly peers: wire.PeerAddress[] }) => void;
}

/** Two peers tell each other where members of the meshes that they share can be reached. */
export class AddressExchange {
  readonly #options: AddressExchangeOptions;
  readonly #early = new EarlyAddresses();

  constructor(options: AddressExchangeOptions) {
    this.#options = options;
  }

  tell(mesh: LinkMesh, addresses: readonly PeerAddress[]): void {
    const { self, peer, send } = this.#options;
    send({ meshTag: meshTag(mesh.id, self, peer), peers: toWireAddresses(addresses) });
  }

  /** Throws `MalformedError`. */
  hear({ meshTag: tag, peers }: wire.Addresses): void {
    const { standing, shares } = this.#options;
    const mesh = standing.meant(tag);
    const asked = standing.asked(tag);
    if (asked) this.#early.remember(asked, fromWireAddresses(peers));
    if (!mesh || !shares(mesh.id)) return;
    this.#early.remember(mesh.id, fromWireAddresses(peers));
    this.#early.review(mesh);
  }

  /** To be called when a mesh is shared, or its members changed. */
  review(mesh: LinkMesh): void {
    this.#early.review(mesh);
  }
}
