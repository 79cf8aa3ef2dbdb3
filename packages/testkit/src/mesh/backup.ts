import { type MemoryDisk, MemoryStore } from '@lattice/storage';

/** What a backup of a data directory has: the logs. State is computed from them. */
export type Backup = ReadonlyMap<string, MemoryStore>;

export function backUp(disk: MemoryDisk): Backup {
  return new Map([...disk.stores].map(([uuid, store]) => [uuid, copyOf(store)]));
}

/** Puts a disk back to what it was, while nobody has it open. A node that goes on from there may fork. */
export function restore(disk: MemoryDisk, backup: Backup): void {
  disk.stores.clear();
  for (const [uuid, store] of backup) disk.stores.set(uuid, copyOf(store));
}

function copyOf(store: MemoryStore): MemoryStore {
  const copy = new MemoryStore(store.genesis.slice());
  const items = [...store.log.itemsFrom(0)];
  copy.log.append(items.flatMap((item) => (item.kind === 'record' ? [item.record] : [])));
  return copy;
}
