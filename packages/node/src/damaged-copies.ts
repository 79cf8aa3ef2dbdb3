import { storeUuid } from '@lattice/model';
import type { DamagedLog } from '@lattice/storage';
import type { LocalMesh } from './local-mesh.js';
import type { BackupReport } from './public.js';

/** What a backup found damaged is known to its stores from then on. Returns which stores, and in how many places. */
export function noteDamaged(
  damaged: readonly DamagedLog[],
  meshes: readonly LocalMesh[],
): BackupReport['damaged'] {
  const replicas = meshes.flatMap((mesh) => mesh.replicas());
  const places = new Map<string, number>();
  for (const { store, offset } of damaged) {
    replicas.find(({ id }) => storeUuid(id) === store)?.damage.note(offset);
    places.set(store, (places.get(store) ?? 0) + 1);
  }
  return [...places].map(([store, count]) => ({ store, places: count }));
}
