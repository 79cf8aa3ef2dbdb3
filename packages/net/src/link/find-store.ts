import { toHex } from '@lattice/model';
import type { LinkMesh, LinkStore } from './link-host.js';

/** The store of that id, and which of the meshes has it. */
export function findStore(
  meshes: readonly LinkMesh[],
  id: Uint8Array,
): { readonly mesh: LinkMesh; readonly store: LinkStore } | undefined {
  const wanted = toHex(id);
  for (const mesh of meshes) {
    const store = [mesh.meshStore, ...mesh.stores()].find((one) => toHex(one.id) === wanted);
    if (store) return { mesh, store };
  }
  return undefined;
}
