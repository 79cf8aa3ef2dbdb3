import type { Replica } from '@lattice/kernel';
import { equalBytes, idKey, type NodeId } from '@lattice/model';
import {
  chooseCutOffs,
  type CountedRevocation,
  type MeshView,
  type RevokeOp,
  type StoreCutOff,
} from '@lattice/meshstore';

/** The stores of a mesh whose entries a revocation may name. */
export interface RevocableStores {
  readonly meshStore: Replica;
  readonly others: readonly Replica[];
}

/**
 * Revokes a node after what these stores have of it now. Where the node has revoked this one, it is cut off before it did:
 * who accepts the other's revocation has revoked both.
 */
export function revokeAfterNow(
  node: NodeId,
  self: NodeId,
  view: MeshView,
  stores: RevocableStores,
): RevokeOp {
  const against = revocationsOf(self, node, view).map(({ entry }) => entry.seq);
  const cutOffs: StoreCutOff[] = [];
  const cutOff = (replica: Replica, upToSeq: number) => {
    const chains = replica
      .chainsOf(node)
      .map((chain) => ({ ...chain, tipSeq: Math.min(chain.tipSeq, upToSeq) }));
    const accepted = chains.filter((chain) => chain.tipSeq > 0);
    if (accepted.length > 0) cutOffs.push({ store: replica.id, entries: chooseCutOffs(accepted) });
  };
  cutOff(stores.meshStore, Math.min(...against) - 1);
  for (const replica of stores.others) cutOff(replica, Number.POSITIVE_INFINITY);
  return { kind: 'revoke', node, cutOffs };
}

/** Whether a junior has revoked this node: then this one may still revoke the junior, and with it what the junior did. */
export function isOverruled(self: NodeId, by: NodeId, view: MeshView): boolean {
  const [senior, junior] = [view.members.get(idKey(self)), view.members.get(idKey(by))];
  if (!senior || !junior || senior.admittedAt >= junior.admittedAt) return false;
  return revocationsOf(self, by, view).length > 0;
}

function revocationsOf(node: NodeId, by: NodeId, view: MeshView): readonly CountedRevocation[] {
  return view.revocations.filter((one) => equalBytes(one.node, node) && equalBytes(one.revokedBy, by));
}
