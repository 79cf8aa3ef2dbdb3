import { type Genesis, LatticeError, storeUuid } from '@lattice/model';
import { decodeGenesis } from '@lattice/proto';
import type { Log, NodeStorage } from '@lattice/storage';

/** Which store that is. `undefined` where it is gone: one that was deleted is perhaps removed for good as its mesh is opened. */
export async function genesisOf(storage: NodeStorage, uuid: string): Promise<Genesis | undefined> {
  try {
    return decodeGenesis(await storage.storeGenesis(uuid));
  } catch (error) {
    if (error instanceof LatticeError && error.code === 'store-not-found') return undefined;
    throw error;
  }
}

/** The stores on the disk that are of that mesh, besides its own. By UUID. */
export async function storesOf(storage: NodeStorage, mesh: string): Promise<readonly string[]> {
  const found: string[] = [];
  for (const uuid of await storage.stores()) {
    const genesis = await genesisOf(storage, uuid);
    if (genesis?.kind === 'store' && storeUuid(genesis.mesh) === mesh) found.push(uuid);
  }
  return found;
}

export function isEmpty(log: Log): boolean {
  return log.scan(0)[Symbol.iterator]().next().done === true;
}
