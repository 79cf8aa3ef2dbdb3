import { equalBytes, idKey, type NodeId } from '@lattice/model';
import type { PeerLink } from '@lattice/net';
import type { LocalMesh } from './local-mesh.js';
import type { Waits } from './waits.js';

/** How long whoever leaves a mesh waits for somebody to hear of it. */
const tellMaxMs = 5_000;

export interface Telling {
  readonly mesh: LocalMesh;
  readonly self: NodeId;
  /** Connections with those who are to hear of it. */
  readonly links: readonly PeerLink[];
  /** Whether a connection still is the one with its peer. */
  readonly stands: (link: PeerLink) => boolean;
  readonly waits: Waits;
}

/**
 * Brings the mesh store to those connected. Whether anybody is known to have what this node wrote there within some
 * seconds: a sync finds it there, or this node is taken for a member no more, which is what there is to tell.
 */
export async function tellDeparture({ mesh, self, links, stands, waits }: Telling): Promise<boolean> {
  if (links.length === 0) return false;
  const own = mesh.link.meshStore.tips().filter(({ author }) => equalBytes(author, self));
  let isKnown = false;
  const isTold = () => isKnown || links.some((link) => stands(link) && !link.shares(mesh.id));
  const syncs = links.map(async (link) => {
    // The first brings it, the second finds it there: what a peer cannot place it has in memory only.
    for (let round = 0; round < 2 && !isKnown; round++) {
      const { knownToPeer } = await link.sync(mesh.link.meshStore);
      const known = new Set(knownToPeer.map(({ hash }) => idKey(hash)));
      isKnown ||= own.every(({ hash }) => known.has(idKey(hash)));
    }
    waits.check();
  });
  void Promise.all(syncs);
  await waits.until(() => isTold() || links.every((link) => !stands(link)), tellMaxMs);
  return isTold();
}
