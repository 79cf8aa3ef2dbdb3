import { equalBytes } from '@lattice/model';
import type { LinkMesh, LinkStore } from './link-host.js';

/** The store of that id, and which of the meshes has it. */
export function findStore(
  meshes: readonly LinkMesh[],
  id: Uint8Array,
): { readonly mesh: LinkMesh; readonly store: LinkStore } | undefined {
  for (const mesh of meshes) {
    const store = [mesh.meshStore, ...mesh.stores()].find((one) => equalBytes(one.id, id));
    if (store) return { mesh, store };
  }
  return undefined;
}
