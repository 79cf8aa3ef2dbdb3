import { decodeMeshOps, type MeshOp } from '@lattice/meshstore';
import type { Entry } from '@lattice/model';
import { decodePayload, MalformedError } from '@lattice/proto';

/** What an entry of a mesh store says; nothing where that cannot be read. */
export function meshOpsIn({ payload }: Entry): readonly MeshOp[] {
  if (payload.length === 0) return [];
  try {
    const { version, operations } = decodePayload(payload);
    const ops = version === 1 ? decodeMeshOps(operations) : [];
    return 'kind' in ops ? [] : ops;
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}
