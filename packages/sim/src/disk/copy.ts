import { type MemoryFiles, MemoryStore, type MemoryTables } from '@lattice/storage';
import type { SimDisk } from './disk.js';

/** What a disk has, as somebody copied it while no process had it open. */
export interface DiskImage {
  readonly identity: Uint8Array | undefined;
  readonly meta: MemoryTables;
  readonly stores: readonly {
    readonly uuid: string;
    readonly genesis: Uint8Array;
    readonly files: MemoryFiles;
    readonly state: MemoryTables;
    readonly checkpoint: MemoryTables | undefined;
  }[];
}

export function imageOf(disk: SimDisk): DiskImage {
  const stores = [];
  for (const [uuid, store] of disk.memory.stores) {
    const files = disk.filesOf(uuid).copy();
    stores.push({
      uuid,
      genesis: store.genesis.slice(),
      files,
      state: store.state.copies(),
      checkpoint: store.checkpoint,
    });
  }
  return { identity: disk.memory.identity?.slice(), meta: disk.memory.meta.copies(), stores };
}

/** Puts everything back to what it was, while no process has the disk open. */
export function restoreImage(disk: SimDisk, image: DiskImage): void {
  const { memory } = disk;
  memory.identity = image.identity?.slice();
  memory.meta.replace(image.meta);
  memory.stores.clear();
  disk.files.clear();
  for (const { uuid, genesis, files, state, checkpoint } of image.stores) {
    const store = new MemoryStore(genesis.slice());
    store.state.replace(state);
    store.checkpoint = checkpoint;
    memory.stores.set(uuid, store);
    disk.files.set(uuid, files.copy());
  }
}
