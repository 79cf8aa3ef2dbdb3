import { assert, type RangeOptions, type StateView } from '@lattice/model';
import { newTree, type Pair, rangeIn, type Tree, valueIn } from './memory-tree.js';
import type { KvSnapshot } from './ordered-kv.js';

/** What a snapshot asks of the store that it was taken of. */
interface SnapshotOwner {
  readonly assertReadable: () => void;
  readonly onClosed: () => void;
}

/** Tables in memory as they were. */
export class MemorySnapshot implements KvSnapshot {
  readonly #tables: ReadonlyMap<string, Tree>;
  readonly #owner: SnapshotOwner;
  #isOpen = true;

  constructor(tables: ReadonlyMap<string, Tree>, owner: SnapshotOwner) {
    this.#tables = new Map([...tables].map(([name, tree]) => [name, tree.clone()]));
    this.#owner = owner;
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  table(name: string): StateView {
    const tree = this.#tables.get(name) ?? newTree();
    const readable = () => {
      assert(this.#isOpen, 'the snapshot is open');
      this.#owner.assertReadable();
      return tree;
    };
    return {
      get: (key) => valueIn(readable(), key),
      range: (options?: RangeOptions): Iterable<Pair> => rangeIn(readable, options),
    };
  }

  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#owner.onClosed();
  }
}
