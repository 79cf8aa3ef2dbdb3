import { type IdKey, idKey, type NodeId, type StoreId } from '@lattice/model';

/** How long a connection has to have lasted: both sides have said then what they know, and handed over what proves more. */
const lastedMinMs = 10_000;

interface Ended {
  readonly peer: NodeId;
  /** Meshes of which this node believes the peer a member, and the peer has not said the same of this node. */
  unanswered(): readonly StoreId[];
}

/**
 * Members that do not take this node for one. It was probably revoked while it was away: those who know so tell it nothing any
 * more, not even that.
 */
export class Disowning {
  readonly #byMesh = new Map<IdKey, Map<IdKey, NodeId>>();

  /** The connection has ended, after that long. */
  ended(link: Ended, lastedMs: number): void {
    if (lastedMs < lastedMinMs) return;
    for (const mesh of link.unanswered()) {
      const peers = this.#byMesh.get(idKey(mesh)) ?? new Map<IdKey, NodeId>();
      peers.set(idKey(link.peer), link.peer);
      this.#byMesh.set(idKey(mesh), peers);
    }
  }

  /** The peer and this node take each other for members. */
  answered(mesh: StoreId, peer: NodeId): void {
    this.#byMesh.get(idKey(mesh))?.delete(idKey(peer));
  }

  by(mesh: StoreId): readonly NodeId[] {
    return [...(this.#byMesh.get(idKey(mesh))?.values() ?? [])];
  }
}
