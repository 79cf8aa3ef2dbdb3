import type { NodeId, StoreId } from '@lattice/model';

/** What was copied. */
export interface BackupReport {
  readonly stores: number;
  readonly bytes: number;
  /** Stores whose logs are damaged on disk, and so in the copy, too: by UUID, and in how many places. */
  readonly damaged: readonly { readonly store: string; readonly places: number }[];
}

/** Which identity a node has now, and where. */
export interface RotateReport {
  readonly nodeId: NodeId;
  /** What it was. */
  readonly formerId: NodeId;
  /** Where the new identity is a member. */
  readonly meshes: readonly { readonly uuid: string; readonly name: string }[];
  /** What is here of other meshes: where the old one was no member, the new one is none. */
  readonly notIn: readonly { readonly uuid: string; readonly name: string }[];
}

/** Who knows that a node left a mesh. */
export interface LeaveReport {
  /** Whether some other member knows of it already. If not, the others list this node until one of them revokes it. */
  readonly told: boolean;
}

/** What became of a store with entries of this node that were dated too far ahead. */
export interface ClockRepairedStore {
  readonly store: StoreId;
  /** For people: `the store "main"`. */
  readonly where: string;
  /** Entries that were issued again. */
  readonly reissued: number;
  /** Entries that stay as they are and take effect elsewhere when their time comes: those of a mesh itself. */
  readonly left: number;
  /** Why nothing was done, and what to do. */
  readonly failure?: string;
}
