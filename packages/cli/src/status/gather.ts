import type { LatticeClient, MeshInfo, Peer, StoreInfo } from '@lattice/api';
import type { MeshReport, PeerReport, StatusReport, StoreReport } from './report.js';

/** Asks the node for all there is to its status; `mesh`: of that one only. */
export async function gatherStatus(
  client: LatticeClient,
  { mesh, nowMs }: { readonly mesh: string; readonly nowMs: number },
): Promise<StatusReport> {
  const { OwnerRole } = await import('@lattice/api');
  const [node, { meshes: all }, only] = await Promise.all([
    client.nodeStatus({}),
    client.meshList({}),
    mesh === '' ? undefined : client.meshStatus({ mesh }),
  ]);
  const meshes: MeshReport[] = [];
  // One after the other: a mesh may have many stores, and each is asked for at once.
  for (const info of all.filter(({ meshId }) => (only?.meshId ?? meshId) === meshId))
    meshes.push(await gatherMesh(client, info));
  const ofStores = meshes.flatMap(({ stores }) => stores.flatMap(({ warnings }) => warnings));
  const { nodeId, name, addresses, relay, dataDir, version, owner } = node;
  const isLasting = owner?.role === OwnerRole.DAEMON || owner?.role === OwnerRole.SHELL;
  return {
    node: { nodeId, name, addresses, relay, dataDir, version, isLasting },
    meshes,
    // A store's are shown with its name.
    warnings: node.warnings.filter((warning) => !ofStores.includes(warning)),
    nowMs,
  };
}

async function gatherMesh(client: LatticeClient, { meshId, name, current }: MeshInfo): Promise<MeshReport> {
  const [{ peers }, { stores }] = await Promise.all([
    client.meshPeers({ mesh: meshId }),
    client.storeList({ mesh: meshId }),
  ]);
  return {
    meshId,
    name,
    current,
    peers: await Promise.all(peers.map(peerReport)),
    stores: await Promise.all(stores.map((store) => gatherStore(client, meshId, store))),
  };
}

async function gatherStore(
  client: LatticeClient,
  mesh: string,
  { storeId, name, type, current }: StoreInfo,
): Promise<StoreReport> {
  const status = await client.storeStatus({ target: { mesh, store: storeId } });
  return {
    storeId,
    name,
    type,
    current,
    entries: Number(status.entries),
    conflicts: Number(status.conflicts),
    pending: Number(status.pending),
    missing: status.missing.map(({ author, seq, entry, waiting, sender }) => ({
      author,
      seq: Number(seq),
      entry,
      waiting: Number(waiting),
      sender,
    })),
    held: Number(status.held),
    heldAuthors: status.heldAuthors.map(({ author, entries, aheadMs }) => ({
      author,
      entries: Number(entries),
      aheadMs: Number(aheadMs),
    })),
    forks: status.forks.map(({ author, branches }) => ({ author, branches })),
    damagedPlaces: Number(status.damagedPlaces),
    warnings: status.warnings,
  };
}

/** A peer as plain values. */
export async function peerReport(peer: Peer): Promise<PeerReport> {
  const { PeerStatus } = await import('@lattice/api');
  const { nodeId, name, self, online, lastSeenMs, path, rttMs, clockAheadMs, offence } = peer;
  const status =
    peer.status === PeerStatus.REVOKED ? 'revoked' : peer.status === PeerStatus.LEFT ? 'left' : 'member';
  return {
    nodeId,
    name,
    status,
    self,
    ...(online === undefined ? {} : { online }),
    ...(lastSeenMs === undefined ? {} : { lastSeenMs: Number(lastSeenMs) }),
    ...(path === undefined ? {} : { path }),
    ...(rttMs === undefined ? {} : { rttMs }),
    ...(clockAheadMs === undefined ? {} : { clockAheadMs }),
    ...(offence && {
      offence: { reason: offence.reason, atMs: Number(offence.atMs), barredMs: Number(offence.barredMs) },
    }),
    stores: peer.stores.map(({ storeId, inSync, lacks, asOfMs }) => ({
      storeId,
      inSync,
      lacks: Number(lacks),
      asOfMs: Number(asOfMs),
    })),
  };
}
