import type { LinkStore, LinkSyncReport, PeerLink } from '@lattice/net';
import type { LocalMesh } from './local-mesh.js';
import type { PeerManager } from './peer-manager.js';
import type { SyncOptions, SyncReport } from './public.js';

/** How often a sync of one store begins anew, on a connection that took the place of the one it ran on. */
const movesMax = 3;

/** How syncing a whole mesh with everybody went. */
export interface SyncedAll {
  /** Whether anybody was reached, and is up to date by now. */
  readonly synced: boolean;
  /** One for every store and member; where the signal fired, those that there were by then. */
  readonly reports: readonly LinkSyncReport[];
}

/** Syncs the mesh store, and then the others, with every member that can be reached within some seconds. */
export async function syncAll(
  mesh: LocalMesh,
  peers: PeerManager,
  signal: AbortSignal | undefined,
): Promise<SyncedAll> {
  return syncOver(await peers.reach(mesh, signal), mesh, signal);
}

/** Syncs them over these connections. */
export async function syncOver(
  links: readonly PeerLink[],
  mesh: LocalMesh,
  signal: AbortSignal | undefined,
): Promise<SyncedAll> {
  const ofPeers = await unlessAborted(
    links.map((link) => link.syncMesh(mesh.link)),
    signal,
  );
  const synced = ofPeers.some((reports) => reports.every(({ failure }) => failure === undefined));
  return { synced, reports: ofPeers.flat() };
}

/** Syncs one store with every member that can be reached within some seconds; a report for each. */
export async function syncStore(
  store: LinkStore,
  mesh: LocalMesh,
  peers: PeerManager,
  { signal, onProgress }: SyncOptions,
): Promise<readonly SyncReport[]> {
  const links = await peers.reach(mesh, signal);
  const syncOnward = async (link: PeerLink): Promise<LinkSyncReport> => {
    let [report, over] = [await link.sync(store, onProgress), link];
    for (let moves = 0; report.failure !== undefined && moves < movesMax; moves++) {
      const standing = peers.linkWith(link.peer);
      if (!standing || standing === over || signal?.aborted) break;
      // As when both have dialled: another connection took the place of this one.
      const next = await peers.reachAgain(mesh, link.peer, signal);
      if (!next) break;
      [report, over] = [together(report, await next.sync(store, onProgress)), next];
    }
    return report;
  };
  const reports = await unlessAborted(
    links.map((link) => syncOnward(link)),
    signal,
  );
  return reports.map(({ store: _store, knownToPeer: _known, ...report }) => report);
}

/** What both did, and how it ended. */
function together(before: LinkSyncReport, last: LinkSyncReport): LinkSyncReport {
  return {
    ...last,
    sentEntries: before.sentEntries + last.sentEntries,
    receivedEntries: before.receivedEntries + last.receivedEntries,
    sentBytes: before.sentBytes + last.sentBytes,
    receivedBytes: before.receivedBytes + last.receivedBytes,
    roundTrips: before.roundTrips + last.roundTrips,
    ms: before.ms + last.ms,
  };
}

/** What came of the work: all of it or, where the signal fires, what is there by then. */
async function unlessAborted<T>(
  work: readonly Promise<T>[],
  signal: AbortSignal | undefined,
): Promise<readonly T[]> {
  const done: T[] = [];
  const all = Promise.all(work.map(async (one) => done.push(await one)));
  if (!signal?.aborted)
    await new Promise<void>((resolve, reject) => {
      const stop = () => resolve();
      signal?.addEventListener('abort', stop, { once: true });
      all.then(stop, reject).finally(() => signal?.removeEventListener('abort', stop));
    });
  return [...done];
}
