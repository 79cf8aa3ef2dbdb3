import type { CutOff, Dot, NodeId, Signature, StoreId } from '@lattice/model';

/** What a member may do. There is one role so far; operations carry it so that more can follow. */
export type Role = 'member';

/** Names the mesh. The latest counts. */
export interface NameMeshOp {
  readonly kind: 'nameMesh';
  readonly name: string;
}

/** Opens a place for one more node. Only the public key of the invite's secret is recorded. */
export interface InviteOp {
  readonly kind: 'invite';
  readonly publicKey: Uint8Array;
  readonly role: Role;
  /** Unix milliseconds: an admission whose time lies in this very millisecond is the last that is in time. */
  readonly expiryMs: number;
}

/** Lets a node in, on an invite, with the proof that it holds the invite's secret. */
export interface AdmitOp {
  readonly kind: 'admit';
  readonly node: NodeId;
  readonly role: Role;
  /** What it is called until it names itself; may be empty. */
  readonly name: string;
  readonly invite: Dot;
  readonly proof: Signature;
}

/** What a revocation still accepts of a node in one store: these entries and their chain ancestors. */
export interface StoreCutOff {
  readonly store: StoreId;
  readonly entries: readonly CutOff[];
}

/** Ends a node's membership for good. In a store that is not named, nothing of the node's is accepted. */
export interface RevokeOp {
  readonly kind: 'revoke';
  readonly node: NodeId;
  readonly cutOffs: readonly StoreCutOff[];
}

/** Makes a store known to the mesh. Its genesis (and so its id) follows from these fields and the mesh. */
export interface CreateStoreOp {
  readonly kind: 'createStore';
  readonly type: string;
  readonly random: Uint8Array;
  readonly name: string;
}

/** Names a store. The latest counts. */
export interface NameStoreOp {
  readonly kind: 'nameStore';
  readonly store: StoreId;
  readonly name: string;
}

/** Names the node that writes it. The latest counts. */
export interface NameNodeOp {
  readonly kind: 'nameNode';
  readonly name: string;
}

/** Takes a store off the list, for good. Its entries stay where they are. */
export interface RemoveStoreOp {
  readonly kind: 'removeStore';
  readonly store: StoreId;
}

export type MeshOp =
  NameMeshOp | InviteOp | AdmitOp | RevokeOp | CreateStoreOp | NameStoreOp | NameNodeOp | RemoveStoreOp;

/** Stores that one revocation may name. (Fewer fit where each names many entries: a payload has its own bound.) */
export const revokedStoresMax = 4_096;
/** Entries that one revocation may name in one store. */
export const cutOffsMax = 64;
