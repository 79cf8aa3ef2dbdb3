import { blake3 } from '@lattice/crypto';
import {
  type IdKey,
  idKey,
  type NodeId,
  parseStoreId,
  type StoreGenesis,
  type StoreId,
} from '@lattice/model';
import { encodeGenesis } from '@lattice/proto';
import type { Remark } from './ledger.js';
import type { CreateStoreOp } from './op.js';
import type { MeshStoreInfo } from './view.js';

/** The genesis that a `createStore` of a mesh stands for, and with it the store's id. */
export function storeGenesis(
  mesh: StoreId,
  { type, random }: CreateStoreOp,
): { id: StoreId; genesis: StoreGenesis } {
  const genesis: StoreGenesis = { kind: 'store', type, mesh, random };
  return { id: parseStoreId(blake3('genesis', encodeGenesis(genesis))), genesis };
}

/**
 * The stores that were created, by entries which count; created twice, it is one store, and the first counts. What it is called
 * since stays, also where a clock that was ahead dates its creation later.
 */
export function storesOf(mesh: StoreId, said: readonly Remark[]): ReadonlyMap<IdKey, MeshStoreInfo> {
  const created = new Map<IdKey, Omit<MeshStoreInfo, 'removed' | 'removedBy'>>();
  const names = new Map<IdKey, Pick<MeshStoreInfo, 'name' | 'namedBy'>>();
  const removers = new Map<IdKey, NodeId>();
  for (const { at, op } of said) {
    const { id } = at.author;
    if (op.kind === 'createStore') {
      const store = storeGenesis(mesh, op);
      const key = idKey(store.id);
      if (!created.has(key)) created.set(key, { ...store, createdBy: id, name: op.name, namedBy: id });
    } else if (op.kind === 'nameStore') names.set(idKey(op.store), { name: op.name, namedBy: id });
    else if (op.kind === 'removeStore' && !removers.has(idKey(op.store))) removers.set(idKey(op.store), id);
  }
  return new Map(
    [...created].map(([key, store]) => {
      const removedBy = removers.get(key);
      const removal = removedBy ? { removed: true, removedBy } : { removed: false };
      return [key, { ...store, ...names.get(key), ...removal }];
    }),
  );
}
