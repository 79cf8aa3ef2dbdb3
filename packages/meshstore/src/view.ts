import type { Admission, Dot, EntryRef, Hlc, IdKey, NodeId, StoreGenesis, StoreId } from '@lattice/model';
import type { Role, StoreCutOff } from './op.js';

/** A mesh as its store says it is. All of it follows from entries that count, so nodes that agree on those agree on it. */
export interface MeshView extends MeshFacts {
  /** Whether it was let in and nobody revoked it. */
  isMember(nodeId: NodeId): boolean;
  /** What counts in that store: for the mesh store (whose id is `meshId`) and for any other, listed or not. */
  admission(store: StoreId): Admission;
}

export interface MeshFacts {
  readonly meshId: StoreId;
  readonly creator: NodeId;
  /** Empty where nobody named it. */
  readonly name: string;
  /** All who were let in, revoked or not: the creator first, then by seniority. */
  readonly members: ReadonlyMap<IdKey, Member>;
  /** By (time, author, entry hash, op index), as are the stores. */
  readonly invites: readonly MeshInvite[];
  readonly stores: ReadonlyMap<IdKey, MeshStoreInfo>;
  /** All that count, in the order in which they were picked. */
  readonly revocations: readonly CountedRevocation[];
  readonly conflicts: readonly MeshConflict[];
}

/** A node that was let in. */
export interface Member {
  readonly nodeId: NodeId;
  /** What it called itself last, or else what it was admitted as; empty where nobody named it. */
  readonly name: string;
  readonly role: Role;
  readonly status: 'member' | 'revoked';
  /** The time of its first admission, which is its seniority; 0 for the creator. */
  readonly admittedAt: Hlc;
  /** All admissions that let it in, the first one first; none for the creator. */
  readonly admissions: readonly MemberAdmission[];
  /** Who revoked it, each once. Itself: it left. */
  readonly revokedBy: readonly NodeId[];
}

export interface MemberAdmission {
  /** The entry that the admission is in: in the mesh store, the member's entries must lie behind it. */
  readonly entry: EntryRef;
  readonly time: Hlc;
  readonly admittedBy: NodeId;
  readonly invite: Dot;
}

/** A place for one node. */
export interface MeshInvite {
  readonly dot: Dot;
  readonly publicKey: Uint8Array;
  readonly role: Role;
  readonly expiryMs: number;
  readonly invitedBy: NodeId;
  /** Who was let in on it. Two: it was used in both halves of a partition, and both stay. */
  readonly usedBy: readonly NodeId[];
}

export interface MeshStoreInfo {
  readonly id: StoreId;
  readonly genesis: StoreGenesis;
  readonly name: string;
  readonly createdBy: NodeId;
  /** Who gave it the name that it has. */
  readonly namedBy: NodeId;
  readonly removed: boolean;
  /** Who removed it first; absent while it is listed. */
  readonly removedBy?: NodeId;
}

export interface CountedRevocation {
  readonly dot: Dot;
  readonly entry: EntryRef;
  readonly time: Hlc;
  readonly node: NodeId;
  readonly revokedBy: NodeId;
  /** By store; in the mesh store only what the revocation itself sees. */
  readonly cutOffs: readonly StoreCutOff[];
}

/** Something that members may want to talk about. It breaks nothing. */
export type MeshConflict = {
  readonly kind: 'invite-used-twice';
  readonly invite: Dot;
  readonly nodes: readonly NodeId[];
};
