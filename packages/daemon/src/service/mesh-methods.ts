import { type MessageInitShape, type PeerSchema, PeerStatus } from '@lattice/api';
import { storeUuid, toHex } from '@lattice/model';
import type { Mesh, Node, PeerStatus as PeerOfNode } from '@lattice/node';
import type { Methods } from './service-context.js';
import { acceptedLossMessage } from './store-check-methods.js';
import { meshOf, selectMesh } from './targets.js';

type MeshMethodNames =
  | 'meshCreate'
  | 'meshList'
  | 'meshUse'
  | 'meshStatus'
  | 'meshInvite'
  | 'meshJoin'
  | 'meshPeers'
  | 'meshRevoke'
  | 'meshLeave';

export function meshMethods(node: Node): Methods<MeshMethodNames> {
  return {
    meshCreate: async ({ name }) => {
      const mesh = await node.createMesh(name === '' ? {} : { name });
      return { ...named(mesh), storeId: node.selection().store?.uuid ?? '' };
    },

    meshList: () => {
      const current = node.selection().mesh?.uuid;
      return {
        meshes: node.meshes().map((mesh) => {
          const { members, stores } = mesh.status();
          return { ...named(mesh), members, stores, current: mesh.uuid === current };
        }),
      };
    },

    meshUse: (request) => {
      const mesh = meshOf(node, request.mesh);
      const store = selectMesh(node, mesh);
      return { ...named(mesh), storeId: store?.uuid ?? '' };
    },

    meshStatus: (request) => {
      const mesh = meshOf(node, request.mesh);
      const { members, online, stores, digest, damagedPlaces, acceptedLosses } = mesh.status();
      return {
        ...named(mesh),
        members,
        online,
        stores,
        digest: toHex(digest),
        damagedPlaces: BigInt(damagedPlaces),
        acceptedLosses: acceptedLosses.map(acceptedLossMessage),
      };
    },

    // A token says where to find this node, so its addresses must be known.
    meshInvite: async (request) => {
      const mesh = meshOf(node, request.mesh);
      await node.startNetwork();
      const invite = await mesh.createInvite(
        request.expiresInMs === 0n ? {} : { expiresInMs: Number(request.expiresInMs) },
      );
      return { token: invite.token, expiresAtMs: BigInt(invite.expiresAtMs) };
    },

    meshJoin: async ({ token, name }, { signal }) => {
      await node.startNetwork();
      const mesh = await node.joinMesh(token, name === '' ? { signal } : { signal, name });
      const store = selectMesh(node, mesh);
      return { ...named(mesh), storeId: store?.uuid ?? '' };
    },

    meshPeers: (request) => ({ peers: meshOf(node, request.mesh).peers().map(peerMessage) }),

    meshRevoke: async (request, { signal }) => {
      const mesh = meshOf(node, request.mesh);
      const peer = mesh.member(request.peer);
      await node.startNetwork();
      const { cutEntries, synced } = await mesh.revoke(peer, { signal });
      return { nodeId: toHex(peer), cutEntries: BigInt(cutEntries), synced };
    },

    meshLeave: async ({ mesh: wanted, force }, { signal }) => {
      const mesh = meshOf(node, wanted);
      const { told } = await node.leaveMesh(mesh, { force, signal });
      return { ...named(mesh), told };
    },
  };
}

function named({ uuid, name }: Mesh): { meshId: string; name: string } {
  return { meshId: uuid, name };
}

const statuses: Readonly<Record<PeerOfNode['status'], PeerStatus>> = {
  member: PeerStatus.MEMBER,
  revoked: PeerStatus.REVOKED,
  left: PeerStatus.LEFT,
};

function peerMessage(peer: PeerOfNode): MessageInitShape<typeof PeerSchema> {
  return {
    nodeId: toHex(peer.nodeId),
    name: peer.name,
    status: statuses[peer.status],
    ...(peer.online === undefined ? {} : { online: peer.online }),
    self: peer.self,
    addresses: [...peer.addresses],
    ...(peer.lastSeenMs === undefined ? {} : { lastSeenMs: BigInt(Math.floor(peer.lastSeenMs)) }),
    ...(peer.path === undefined ? {} : { path: peer.path }),
    ...(peer.rttMs === undefined ? {} : { rttMs: peer.rttMs }),
    ...(peer.clockAheadMs === undefined ? {} : { clockAheadMs: peer.clockAheadMs }),
    ...(peer.offence && {
      offence: {
        reason: peer.offence.reason,
        atMs: BigInt(Math.floor(peer.offence.atMs)),
        barredMs: BigInt(Math.ceil(peer.offence.barredMs)),
      },
    }),
    stores: peer.stores.map(({ store, inSync, lacks, asOfMs }) => ({
      storeId: storeUuid(store),
      inSync,
      lacks: BigInt(lacks),
      asOfMs: BigInt(Math.floor(asOfMs)),
    })),
  };
}
