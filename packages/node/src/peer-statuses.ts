import { idKey, type NodeId, type StoreId, toHex } from '@lattice/model';
import type { Member, MeshView } from '@lattice/meshstore';
import type { LinkStore } from '@lattice/net';
import type { NodeContext } from './context.js';
import type { PeerManager } from './peer-manager.js';
import type { PeerStatus, PeerStoreStatus } from './public.js';

export interface PeerStatusesOptions {
  readonly mesh: StoreId;
  readonly view: MeshView;
  /** The mesh's own, and those that it lists. */
  readonly stores: readonly LinkStore[];
  readonly context: NodeContext;
  readonly peers: PeerManager;
}

/** What is known of every node that is or was a member. */
export function peerStatuses({
  mesh,
  view,
  stores,
  context,
  peers,
}: PeerStatusesOptions): readonly PeerStatus[] {
  const nowMs = context.clock.nowMs();
  const held = stores.map((store) => ({
    store: store.id,
    digest: toHex(store.digest()),
    entries: store.entries(),
  }));
  return [...view.members.values()].map((member) => {
    const { nodeId, name } = member;
    const isSelf = idKey(nodeId) === idKey(context.key.nodeId);
    const link = isSelf ? undefined : peers.linkWith(nodeId);
    const isConnected = link?.shares(mesh) === true;
    const isElsewhere = !isConnected && member.status === 'member' && peers.hasOverlay(mesh);
    const online = isSelf ? peers.ownAddress() !== undefined : isElsewhere ? undefined : isConnected;
    const info = online ? link?.info() : undefined;
    const known = isSelf ? undefined : peers.known(nodeId);
    const addresses = (isSelf ? peers.ownAddress() : known)?.direct ?? [];
    const offence = isSelf ? undefined : peers.offenceOf(nodeId);
    const aheadMs = online && link?.peerNowMs !== undefined ? link.peerNowMs - nowMs : undefined;
    return {
      nodeId,
      name,
      status: standingOf(member),
      online,
      self: isSelf,
      addresses,
      ...(known?.lastSeenMs === undefined ? {} : { lastSeenMs: known.lastSeenMs }),
      ...(info ? { path: [info.path, info.remoteAddress].filter(Boolean).join(' ') } : {}),
      ...(info?.rttMs === undefined ? {} : { rttMs: info.rttMs }),
      ...(aheadMs === undefined ? {} : { clockAheadMs: aheadMs }),
      ...(offence && { offence: { reason: offence.reason, atMs: offence.atMs, barredMs: offence.barredMs } }),
      stores: isSelf ? [] : peerStores(nodeId, held, peers),
    };
  });
}

interface OwnHolding {
  readonly store: StoreId;
  readonly digest: string;
  readonly entries: number;
}

/**
 * What a peer has, against what this node has. Counts tell little: a peer that has as many entries, or more, may lack some
 * all the same, or have all of them and others beside. So what it lacks is at least the difference, and that may be nothing.
 */
function peerStores(
  peer: NodeId,
  held: readonly OwnHolding[],
  peers: PeerManager,
): readonly PeerStoreStatus[] {
  return held.flatMap(({ store, digest, entries }) => {
    const heard = peers.heldBy(peer, store);
    if (heard === undefined) return [];
    const inSync = heard.digest === digest;
    const lacks = inSync ? 0 : Math.max(0, entries - heard.entries);
    return [{ store, inSync, lacks, asOfMs: heard.atMs }];
  });
}

/** Whoever was revoked by nobody but itself has left. */
export function standingOf({ nodeId, status, revokedBy }: Member): PeerStatus['status'] {
  if (status === 'member') return 'member';
  return revokedBy.every((by) => idKey(by) === idKey(nodeId)) ? 'left' : 'revoked';
}
