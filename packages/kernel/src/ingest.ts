import { assert, type Bundle, idKey, type IdKey, type NodeId } from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import { ConflictCollector, type Conflicts } from './conflicts.js';
import type { Added, Dag } from './dag.js';
import type { Eras } from './eras.js';
import type { MetaTable } from './meta-table.js';
import type { Projection } from './projection.js';

/** The parts of one store's state, which change together. */
export interface StoreState {
  readonly kv: OrderedKv;
  readonly meta: MetaTable;
  readonly dag: Dag;
  readonly eras: Eras;
  readonly projection: Projection;
  /** Whether the machine is given entries that do not count, since it decides what counts (the mesh store's). */
  readonly projectUncounted: boolean;
}

export interface Ingested {
  readonly added: readonly Added[];
  /** Authors of whom an entry came that the rules name: what counts of theirs must be looked at again. */
  readonly awaited: readonly NodeId[];
  readonly conflicts: Conflicts;
}

/** A bundle of which `fresh` entries (by index) are not in the DAG and all that they name is; in the log at `offset`. */
export interface LoggedBundle {
  readonly bundle: Bundle;
  readonly fresh: readonly number[];
  readonly offset: number;
  /** Up to where the log is in the state once this bundle is: where a replay would begin. */
  readonly next: number;
}

/** Lets a bundle into the DAG, whole, and applies what counts of it: one transaction, with the cursor in it. */
export function ingest(state: StoreState, { bundle, fresh, offset, next }: LoggedBundle): Ingested {
  const { kv, meta, dag, eras, projection } = state;
  return kv.transaction(() => {
    eras.cover(dag.nextRef);
    const touched = new Set<number>();
    const awaited = new Map<IdKey, NodeId>();
    const conflicts = new ConflictCollector();
    const added = fresh.map((index) => {
      const entry = bundle.entries[index];
      const hash = bundle.hashes[index];
      assert(entry && hash, "a bundle's arrays are in step");
      const one = dag.add(bundle, index, offset);
      touched.add(one.record.chain);
      if (one.record.counted || state.projectUncounted)
        projection.apply(entry, one.record, dag, conflicts.tell);
      if (dag.isAwaited({ author: entry.author, seq: entry.seq, hash })) {
        dag.keeping.keep(one.record);
        awaited.set(idKey(entry.author), entry.author);
      }
      return one;
    });
    dag.save(touched);
    meta.cursor = { offset: Math.max(meta.cursor.offset, next), nextRef: dag.nextRef };
    return { added, awaited: [...awaited.values()], conflicts };
  });
}
