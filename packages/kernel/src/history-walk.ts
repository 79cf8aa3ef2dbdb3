import { comparePlaces, type Hash, Heap, type LocalRef, type NodeId } from '@lattice/model';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';

/** An entry, and what the index knows of those around it. */
export interface Step {
  readonly record: EntryRecord;
  /** `prev` where there is one, then the deps. */
  readonly deps: readonly Hash[];
  /** Whether no entry of the DAG names it. */
  readonly head: boolean;
}

/**
 * Goes through the DAG of the moment it began from its newest entry to its oldest. All entries that name one are later than
 * it, so they come first, and whether it was met already is asked only of what is waiting: memory is a matter of how many
 * chains there are, not of how long they are.
 */
export class HistoryWalk {
  readonly #index: DagIndex;
  readonly #queue = new Heap<Waiting>((a, b) => comparePlaces(b, a));
  readonly #waiting = new Map<LocalRef, Waiting>();

  constructor(index: DagIndex) {
    this.#index = index;
    for (const { tipRef: ref, tipTime: time, tipHash: entry, author } of index.chains)
      this.#add({ ref, time, entry, author, op: 0, record: undefined, isNamed: false });
  }

  /** The next `count` entries; fewer where there are no more. */
  take(count: number): readonly Step[] {
    const steps: Step[] = [];
    while (steps.length < count) {
      const next = this.#queue.pop();
      if (!next) break;
      this.#waiting.delete(next.ref);
      steps.push(this.#step(next));
    }
    return steps;
  }

  #step({ ref, record: known, isNamed }: Waiting): Step {
    const record = known ?? this.#index.entry(ref);
    const previous = this.#index.previousOf(record);
    const named = this.#index.depsOf(record);
    const refs = previous ? [this.#index.refAt(previous), ...named] : named;
    return { record, deps: refs.map((dep) => this.#name(dep)), head: !isNamed };
  }

  #name(ref: LocalRef): Hash {
    const waiting = this.#waiting.get(ref) ?? this.#meet(ref);
    waiting.isNamed = true;
    return waiting.entry;
  }

  #meet(ref: LocalRef): Waiting {
    const record = this.#index.entry(ref);
    const { author } = this.#index.chains.at(record.chain);
    return this.#add({ ref, time: record.time, entry: record.hash, author, op: 0, record, isNamed: true });
  }

  #add(waiting: Waiting): Waiting {
    this.#waiting.set(waiting.ref, waiting);
    this.#queue.push(waiting);
    return waiting;
  }
}

interface Waiting {
  readonly ref: LocalRef;
  readonly time: EntryRecord['time'];
  readonly entry: Hash;
  readonly author: NodeId;
  /** For the order: entries have the place of their first operation. */
  readonly op: 0;
  /** Absent of chains' tips, of which there may be many that nobody comes to. */
  readonly record: EntryRecord | undefined;
  isNamed: boolean;
}
