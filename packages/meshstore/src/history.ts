import type { EntryInfo, EntryRef, LocalRef, MeshGenesis, StoreId } from '@lattice/model';
import type { MeshOp } from './op.js';

/** An operation and its index (from 0) within its entry. */
export interface MeshOperation {
  readonly index: number;
  readonly op: MeshOp;
}

/** An entry of the mesh store with its operations. */
export interface MeshEntry extends EntryInfo {
  /** The kernel's alias, so that it need not look the entry up again. Nothing is ordered by it. */
  readonly ref: LocalRef;
  /** In ascending order of index. */
  readonly operations: readonly MeshOperation[];
}

/** What a node has of a mesh store: what `evaluateMesh` is a function of. */
export interface MeshHistory extends MeshPast {
  /** All entries of the DAG that have operations, in any order, each once. */
  readonly entries: readonly MeshEntry[];
}

/** Which mesh it is, and what lies in whose past: of entries that are there an answer never changes, whatever comes later. */
export interface MeshPast {
  /** The mesh's id: its genesis' hash. */
  readonly id: StoreId;
  readonly genesis: MeshGenesis;
  /** Whether `other` is strictly in the causal past of `entry`. */
  sees(entry: MeshEntry, other: MeshEntry): boolean;
  /**
   * Whether an entry that matches `named` in author, seq and hash is strictly in the causal past of `entry`. It need
   * not have operations: a merge entry can be named too.
   */
  seesNamed(entry: MeshEntry, named: EntryRef): boolean;
  /** Whether `entry` is `last` or one of its chain ancestors, by `prev`. Asked only about a `last` that is present. */
  leadsTo(entry: MeshEntry, last: EntryRef): boolean;
}
