import { idKey, type NodeId, type StoreId } from '@lattice/model';
import type { MeshView } from '@lattice/meshstore';
import type { PeerManager } from './peer-manager.js';
import type { PeerStatus } from './public.js';

/** What is known of every node that is or was a member. */
export function peerStatuses(
  mesh: StoreId,
  view: MeshView,
  self: NodeId,
  peers: PeerManager,
): readonly PeerStatus[] {
  return [...view.members.values()].map(({ nodeId, name, status }) => {
    const isSelf = idKey(nodeId) === idKey(self);
    const link = peers.linkWith(nodeId);
    const online = isSelf || link?.shares(mesh) === true;
    const info = online ? link?.info() : undefined;
    const known = isSelf ? undefined : peers.known(nodeId);
    const addresses = (isSelf ? peers.ownAddress() : known)?.direct ?? [];
    return {
      nodeId,
      name,
      status,
      online,
      self: isSelf,
      addresses,
      ...(known?.lastSeenMs === undefined ? {} : { lastSeenMs: known.lastSeenMs }),
      ...(info ? { path: info.path } : {}),
      ...(info?.rttMs === undefined ? {} : { rttMs: info.rttMs }),
    };
  });
}
