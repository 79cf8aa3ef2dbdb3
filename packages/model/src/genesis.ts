import type { NodeId, StoreId } from './ids.js';

/** The first thing of a mesh: whoever holds this key is its creator, a member from time 0. */
export interface MeshGenesis {
  readonly kind: 'mesh';
  readonly creator: NodeId;
  /** 32 random bytes, so that two meshes of one creator differ. */
  readonly random: Uint8Array;
}

/** The first thing of any other store. */
export interface StoreGenesis {
  readonly kind: 'store';
  /** Which state machine: "kv", "log" ... */
  readonly type: string;
  /** The mesh that it belongs to. */
  readonly mesh: StoreId;
  readonly random: Uint8Array;
}

/** What a store starts from. Its hash is the store's id, and the `prev` of every chain's first entry. */
export type Genesis = MeshGenesis | StoreGenesis;

export const genesisRandomBytes = 32;

/** The type of the store that holds a mesh's members, invites and store list. */
export const meshStoreType = 'mesh';
