import type { Replica } from '@lattice/kernel';
import type { NodeId } from '@lattice/model';
import { chooseCutOffs, type RevokeOp, type StoreCutOff } from '@lattice/meshstore';

/** Revokes a node after what these stores (the mesh store among them) have of it now. */
export function revokeAfterNow(node: NodeId, replicas: readonly Replica[]): RevokeOp {
  const cutOffs: StoreCutOff[] = [];
  for (const replica of replicas) {
    const chains = replica.chainsOf(node);
    if (chains.length > 0) cutOffs.push({ store: replica.id, entries: chooseCutOffs(chains) });
  }
  return { kind: 'revoke', node, cutOffs };
}
