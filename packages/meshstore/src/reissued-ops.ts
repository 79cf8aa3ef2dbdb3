import { concatBytes, type Hash, type ReissuedOps } from '@lattice/model';
import type { MeshOp } from './op.js';
import { encodeMeshOp } from './op-codec.js';

/**
 * Operations that their author issues again: an admission names its invite as that is called now, which its proof says nothing
 * of. All else stays as it is, the random bytes that make a store's id and the cut-offs of a revocation included. Both are there
 * should the originals turn up: each operation says what the other says, and who says it twice has said it once.
 */
export function reissuedOps(operations: readonly MeshOp[], again: (entry: Hash) => Hash): ReissuedOps {
  const ops = operations.map((op) => reissued(op, again));
  return { operations: concatBytes(...ops.map(encodeMeshOp)), names: ops.flatMap(namesOf) };
}

function reissued(op: MeshOp, again: (entry: Hash) => Hash): MeshOp {
  return op.kind === 'admit' ? { ...op, invite: { ...op.invite, entry: again(op.invite.entry) } } : op;
}

/** In the mesh store an invite and a cut-off are of use only where they are seen. */
function namesOf(op: MeshOp): readonly Hash[] {
  if (op.kind === 'admit') return [op.invite.entry];
  return op.kind === 'revoke' ? op.cutOffs.flatMap(({ entries }) => entries.map(({ hash }) => hash)) : [];
}
