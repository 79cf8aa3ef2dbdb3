import { assert } from '@lattice/model';
import type { LinkSyncReport, PeerLink } from '@lattice/net';
import type { LocalMesh } from './local-mesh.js';
import type { PeerManager } from './peer-manager.js';

/** How syncing a whole mesh with everybody went. */
export interface SyncedAll {
  /** Whether anybody was reached, and has all by now. */
  readonly synced: boolean;
  /** One for every store and member. */
  readonly reports: readonly LinkSyncReport[];
}

/** Syncs the mesh store, and then the others, with every member that can be reached within some seconds. */
export async function syncAll(
  mesh: LocalMesh,
  peers: PeerManager,
  signal: AbortSignal | undefined,
): Promise<SyncedAll> {
  const all: LinkSyncReport[] = [];
  const syncWith = async (link: PeerLink) => {
    const reports = await link.syncMesh(mesh.link);
    all.push(...reports);
    const [first] = reports;
    assert(first, 'the mesh store is synced first');
    return reports.find((report) => report.failure !== undefined) ?? first;
  };
  const ofPeers = await peers.syncWithAll(mesh, syncWith, signal);
  return { synced: ofPeers.some(({ failure }) => failure === undefined), reports: all };
}
