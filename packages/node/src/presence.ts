import { idKey, type StoreId } from '@lattice/model';
import type { PeerLink } from '@lattice/net';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import { partingReason } from './surplus-links.js';

export interface PresenceOptions {
  readonly context: NodeContext;
  readonly meshes: () => readonly LocalMesh[];
  /** The connection with the peer that stands now. */
  readonly standing: (peer: PeerLink['peer']) => PeerLink | undefined;
  /** A connection with the peer has come to share the mesh, or does not any more. */
  readonly onChange: (mesh: StoreId, link: PeerLink, isConnected: boolean) => void;
}

/** With which members of which mesh this node is connected; tells who came online, and who is offline as far as can be known. */
export class Presence {
  readonly #options: PresenceOptions;
  readonly #connected = new Set<string>();
  /** Who was told to be online, and not yet the contrary: with some of them this node has parted since. */
  readonly #told = new Set<string>();

  constructor(options: PresenceOptions) {
    this.#options = options;
  }

  /** To be called when something has changed about a connection. `reason`: of its end. */
  review(link: PeerLink, reason?: string): void {
    const { meshes, standing, onChange } = this.#options;
    const stands = standing(link.peer) === link;
    for (const mesh of meshes()) {
      const id = presenceKey(mesh.id, link);
      const isConnected = stands && link.shares(mesh.id);
      if (isConnected === this.#connected.has(id) || (!stands && standing(link.peer))) continue;
      if (isConnected) this.#connected.add(id);
      else this.#connected.delete(id);
      onChange(mesh.id, link, isConnected);
      if (reason !== partingReason) this.#tell(mesh, link, isConnected);
    }
  }

  /** Whether the peer was connected in any mesh, as of the last review. */
  isOfUse(link: PeerLink): boolean {
    return this.#options.meshes().some(({ id }) => this.#connected.has(presenceKey(id, link)));
  }

  forget(mesh: StoreId): void {
    for (const ids of [this.#connected, this.#told])
      for (const id of ids) if (id.startsWith(idKey(mesh))) ids.delete(id);
  }

  #tell(mesh: LocalMesh, link: PeerLink, isOnline: boolean): void {
    const id = presenceKey(mesh.id, link);
    if (this.#told.has(id) === isOnline) return;
    if (isOnline) this.#told.add(id);
    else this.#told.delete(id);
    const name = mesh.view.members.get(idKey(link.peer))?.name ?? '';
    const kind = isOnline ? 'peer-online' : 'peer-offline';
    this.#options.context.events.emit({ kind, mesh: mesh.id, peer: link.peer, name });
  }
}

function presenceKey(mesh: StoreId, { peer }: PeerLink): string {
  return `${idKey(mesh)} ${idKey(peer)}`;
}
