import {
  type Applied,
  assert,
  type EntryInfo,
  type LocalRef,
  meshStoreType,
  type StateMachine,
  type StateTxn,
  type StateView,
} from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';
import type { MeshEntry, MeshOperation } from './history.js';
import type { MeshOp } from './op.js';
import { reissuedOps } from './reissued-ops.js';
import { decodeMeshOps, encodeMeshOp } from './op-codec.js';

/**
 * The machine behind every mesh's own store. It only writes down all operations, whether or not they count: what counts
 * is a function of the whole list (`evaluateMesh`), and one late revocation may change any of it.
 */
export const meshMachine: StateMachine<MeshOp> = {
  type: meshStoreType,
  version: 1,
  decode: decodeMeshOps,
  apply(op: MeshOp, at: Applied, state: StateTxn): void {
    state.put(recordKey(at.ref, at.op), encodeMeshOp(op));
  },
  reissued: reissuedOps,
};

/** An operation as the machine wrote it down. */
export interface RecordedOp extends MeshOperation {
  readonly ref: LocalRef;
}

/** Of local aliases; without an end, of all on that side. */
export interface RefRange {
  readonly from?: LocalRef | undefined;
  /** The first that is left out. */
  readonly to?: LocalRef;
}

/** All operations, those of an entry together and in order; entries in the order in which this node applied them. */
export function* readMeshOps(state: StateView, { from, to }: RefRange = {}): Generator<RecordedOp> {
  const range = {
    ...(from === undefined ? {} : { gte: recordKey(from, 0) }),
    ...(to === undefined ? {} : { lt: recordKey(to, 0) }),
  };
  for (const [key, value] of state.range(range)) {
    const reader = new ByteReader(key);
    const ref = reader.u64() as LocalRef;
    const ops = decodeMeshOps(value);
    assert(!('kind' in ops) && ops.length === 1, 'the state holds one operation per key');
    yield { ref, index: reader.u32(), op: ops[0] as MeshOp };
  }
}

/** The same by entry: what a `MeshHistory` is made of. `info` is the kernel's, as in `Applied`. */
export function readMeshEntries(
  state: StateView,
  info: (ref: LocalRef) => EntryInfo,
  range?: RefRange,
): MeshEntry[] {
  const entries: MeshEntry[] = [];
  let operations: MeshOperation[] = [];
  for (const { ref, index, op } of readMeshOps(state, range)) {
    if (entries.at(-1)?.ref !== ref) {
      operations = [];
      entries.push({ ...info(ref), ref, operations });
    }
    operations.push({ index, op });
  }
  return entries;
}

/** The local alias (u64) and the operation's index (u32), big-endian: keys grow, which is what LMDB is fastest with. */
function recordKey(ref: LocalRef, op: number): Uint8Array {
  return new ByteWriter(12).u64(ref).u32(op).finish();
}
