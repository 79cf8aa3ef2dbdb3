import { blake3 } from '@lattice/crypto';
import { type NodeId, type StoreId, toHex } from '@lattice/model';

const meshTagBytes = 16;

/**
 * How one node names a mesh to another: only who knows the mesh's id recognises it, and it differs for every pair and
 * direction, so that a stranger learns nothing and cannot repeat what it heard elsewhere.
 */
export function meshTag(mesh: StoreId, from: NodeId, to: NodeId): Uint8Array {
  return blake3('mesh-tag', mesh, from, to).subarray(0, meshTagBytes);
}

/** In hexadecimal, for sets. */
export function meshTagKey(mesh: StoreId, from: NodeId, to: NodeId): string {
  return toHex(meshTag(mesh, from, to));
}
