import { idKey, LatticeError, type NodeId } from '@lattice/model';
import { selfRevoked } from './failures.js';
import type { LocalMesh } from './local-mesh.js';
import type { PeerManager } from './peer-manager.js';
import type { RevokeReport } from './public.js';
import { isOverruled } from './revocation.js';
import { syncAll } from './sync-all.js';

/** The node that revokes another one. */
export interface Revoker {
  readonly self: NodeId;
  readonly mesh: LocalMesh;
  readonly peers: PeerManager;
  /** Throws `not-a-member`. */
  readonly requireMember: () => void;
  /** Resolves when it is written, and all stores count by it. */
  readonly revokeAfterNow: (node: NodeId) => Promise<void>;
}

/** Ends a member's say after what is known of it once members were asked for more. */
export async function revokeMember(
  node: NodeId,
  revoker: Revoker,
  signal: AbortSignal | undefined,
): Promise<RevokeReport> {
  const { self, mesh, peers, revokeAfterNow } = revoker;
  if (idKey(node) === idKey(self)) throw selfRevoked();
  requireStandingAgainst(node, revoker);
  if (!mesh.view.members.has(idKey(node)))
    throw new LatticeError(
      'member-not-found',
      'No such node was ever a member: see "mesh peers" for those who are.',
    );
  const { synced } = await syncAll(mesh, peers, signal);
  if (signal?.aborted)
    throw new LatticeError('aborted', 'Revoking was cancelled: the node is as much a member as before.');
  requireStandingAgainst(node, revoker);
  const keptBefore = keptInAll(mesh);
  await revokeAfterNow(node);
  return { cutEntries: Math.max(0, keptBefore - keptInAll(mesh)), synced };
}

/** A member may revoke; so may a senior whom a junior has revoked, since of two that revoke each other it prevails. */
function requireStandingAgainst(node: NodeId, { self, mesh, requireMember }: Revoker): void {
  if (!isOverruled(self, node, mesh.view)) requireMember();
}

function keptInAll(mesh: LocalMesh): number {
  return mesh.stores().reduce((sum, store) => sum + store.status().entries, 0);
}
