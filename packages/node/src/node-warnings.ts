import { durationText, idKey, type NodeId, toHex } from '@lattice/model';
import { asideWarning } from './aside-stores.js';
import { namedReplicas, strandedWarnings } from './clock-repairs.js';
import { clockWarnings, notableMs, type PeerClock } from './clock-warnings.js';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import { ownForkWarnings } from './own-forks.js';
import type { PeerManager } from './peer-manager.js';

/** What a node's owner should know, one sentence or two each, with what to do. */
export function nodeWarnings(
  { clock }: NodeContext,
  peers: PeerManager,
  meshes: readonly LocalMesh[],
): readonly string[] {
  const replicas = meshes.flatMap(namedReplicas);
  return [
    ...(peers.failure === undefined ? [] : [`The network could not be started. ${peers.failure}`]),
    // What others' clocks say of one that was never set is no news.
    ...(clock.isSet ? clockWarnings(peerClocks(clock.nowMs(), peers, meshes)) : [unsetClock]),
    ...(clock.behindMs >= notableMs ? [slippedWarning(clock.behindMs)] : []),
    ...strandedWarnings(replicas, clock.nowMs()),
    ...replicas.flatMap(ownForkWarnings),
    ...meshes.flatMap((mesh) => disownedWarning(mesh, peers)),
    ...meshes.flatMap((mesh) => mesh.stores().flatMap((store) => store.status().warnings)),
    ...meshes.flatMap((mesh) => mesh.warnings()),
    ...meshes.flatMap((mesh) => mesh.asideStores().map(asideWarning)),
  ];
}

const unsetClock =
  'The clock of this machine was never set: until it is, the node goes by what it hears from other members.';

function slippedWarning(behindMs: number): string {
  return (
    `The clock of this machine is at least ${durationText(behindMs)} behind what others wrote that is kept here: set it. ` +
    'Until then time goes on from there. If it is right, and others were ahead, "node repair-clock" goes by it.'
  );
}

/** Where some member takes this node for one, the others have not heard of it yet. */
function disownedWarning({ id, name, view, isJoined }: LocalMesh, peers: PeerManager): readonly string[] {
  if (!isJoined) return [];
  const others = peers.disowning.by(id).filter((peer) => view.isMember(peer));
  const [first] = others;
  if (first === undefined || peers.linksSharing(id).length > 0) return [];
  const named = memberName(view.members.get(idKey(first))?.name, first);
  const who = others.length === 1 ? `${named} does` : `${named} and ${others.length - 1} more do`;
  return [
    `${who} not take this node for a member of the mesh "${name}": it was probably revoked while it was away. Ask them; ` +
      'to return, it needs an invite and a new data directory.',
  ];
}

function peerClocks(nowMs: number, peers: PeerManager, meshes: readonly LocalMesh[]): readonly PeerClock[] {
  return peers.links().flatMap((link) => {
    const mesh = meshes.find(({ id }) => link.shares(id));
    if (mesh === undefined || link.peerNowMs === undefined) return [];
    const name = memberName(mesh.view.members.get(idKey(link.peer))?.name, link.peer);
    return [{ name, aheadMs: link.peerNowMs - nowMs }];
  });
}

function memberName(name: string | undefined, peer: NodeId): string {
  return name ? `"${name}"` : toHex(peer).slice(0, 8);
}
