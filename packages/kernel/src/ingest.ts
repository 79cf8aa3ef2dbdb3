import {
  assert,
  type Bundle,
  idKey,
  type IdKey,
  type NodeId,
  type Steps,
  type TimeSlice,
} from '@lattice/model';
import type { OrderedKv } from '@lattice/storage';
import type { AdmissionRules } from './admission-rules.js';
import { ConflictCollector, type Conflicts } from './conflicts.js';
import type { Added, Dag } from './dag.js';
import type { EntryRecord } from './entry-record.js';
import type { Eras } from './eras.js';
import type { Holes } from './holes.js';
import type { MetaTable } from './meta-table.js';
import { type Projection, tellNobody } from './projection.js';

/** The parts of one store's state, which change together. */
export interface StoreState {
  readonly kv: OrderedKv;
  readonly meta: MetaTable;
  readonly dag: Dag;
  readonly eras: Eras;
  readonly rules: AdmissionRules;
  readonly holes: Holes;
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

/** Whether an entry is given to the machine. */
export function takesEffect(
  { counted, replaced }: EntryRecord,
  { projectUncounted }: Pick<StoreState, 'projectUncounted'>,
): boolean {
  return (counted || projectUncounted) && !replaced;
}

/** A bundle of which `fresh` entries (by index) are not in the DAG and all that they name is; in the log at `offset`. */
export interface LoggedBundle {
  readonly bundle: Bundle;
  readonly fresh: readonly number[];
  readonly offset: number;
  /** Up to where the log is in the state once this bundle is: where a replay would begin. */
  readonly next: number;
}

/**
 * Lets a bundle into the DAG and applies what counts of it, in as many transactions as it takes time. Being in the log, it
 * is in whole whatever happens: the cursor stays before it until its last entry, and a replay goes on with those that are
 * missing. Meanwhile readers see some of its entries, each of them whole and none before its ancestors.
 */
export function ingest(state: StoreState, logged: LoggedBundle, slice: TimeSlice): Promise<Ingested> {
  const one = new Ingest(state);
  const { kv } = state;
  return slice.finish(one.bundle(logged), one.transaction, () => kv.room());
}

/** Lets bundles into the DAG, one after the other. */
export class Ingest {
  readonly #state: StoreState;
  readonly #touched = new Set<number>();
  /** Up to where the log is in the state. */
  #offset: number;
  #isChanged = false;

  constructor(state: StoreState) {
    this.#state = state;
    this.#offset = state.meta.cursor.offset;
  }

  /** To be taken within `transaction`; each step is one entry, and the last one moves the cursor. */
  *bundle({ bundle, fresh, offset, next }: LoggedBundle): Steps<Ingested> {
    const awaited = new Map<IdKey, NodeId>();
    const conflicts = new ConflictCollector();
    const added: Added[] = [];
    for (const index of fresh) {
      if (added.length > 0) yield;
      const one = this.#add(bundle, index, offset, conflicts);
      if (this.#isAwaited(bundle, index, one)) {
        const author = authorOf(bundle, index);
        awaited.set(idKey(author), author);
      }
      added.push(one);
    }
    this.#offset = Math.max(this.#offset, next);
    this.#isChanged = true;
    return { added, awaited: [...awaited.values()], conflicts };
  }

  /** Runs a part of the work: what it changed is saved with it, and how far it came. */
  readonly transaction = <R>(work: () => R): R => {
    const { kv, meta, dag } = this.#state;
    return kv.transaction(() => {
      const result = work();
      if (!this.#isChanged) return result;
      dag.save(this.#touched);
      meta.cursor = { offset: this.#offset, nextRef: dag.nextRef };
      this.#touched.clear();
      this.#isChanged = false;
      return result;
    });
  };

  #add(bundle: Bundle, index: number, offset: number, conflicts: ConflictCollector): Added {
    const { dag, eras, meta, rules, projection } = this.#state;
    const entry = bundle.entries[index];
    assert(entry, "a bundle's arrays are in step");
    this.#isChanged = true;
    eras.cover(dag.nextRef);
    const one = dag.add(bundle, index, offset);
    this.#touched.add(one.record.chain);
    if (entry.seq === 1 && dag.index.chains.of(entry.author).length === 1)
      rules.rememberNew(entry.author, dag.counting.admission);
    // Beside what it stands in for, which is gone after the recount, all is in conflict.
    const tell = one.replaces ? tellNobody : conflicts.tell;
    if (takesEffect(one.record, this.#state)) projection.apply(entry, one.record, dag, tell);
    if (one.replaces) meta.setNumber('recounting', 1);
    return one;
  }

  /** Should it not come to a new look at its author's entries, whoever opens the state next sees that it is due. */
  #isAwaited(bundle: Bundle, index: number, { record }: Added): boolean {
    const { dag, rules } = this.#state;
    const author = authorOf(bundle, index);
    if (!dag.isAwaited({ author, seq: record.seq, hash: record.hash })) return false;
    dag.keeping.keep(record);
    rules.forget([author]);
    return true;
  }
}

function authorOf(bundle: Bundle, index: number): NodeId {
  const entry = bundle.entries[index];
  assert(entry, "a bundle's arrays are in step");
  return entry.author;
}
