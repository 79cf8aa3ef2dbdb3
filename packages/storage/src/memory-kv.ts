import { assert, LatticeError, type RangeOptions } from '@lattice/model';
import { assertKvKey, assertTableName, kvSnapshotsMax, kvTablesMax } from './kv-rules.js';
import { MemorySnapshot } from './memory-snapshot.js';
import { newTree, type Pair, rangeIn, type Tree, valueIn } from './memory-tree.js';
import type { KvSnapshot, OrderedKv, Table } from './ordered-kv.js';

/** `OrderedKv` in memory. What it holds outlives it in its `MemoryKvContent`, as a file outlives whoever has it open. */
export class MemoryKv implements OrderedKv {
  #open = true;
  /** The tables written to by the transaction under way, as they were before it. */
  #before: Map<string, Tree> | undefined;
  readonly #snapshots = new Set<MemorySnapshot>();

  constructor(private readonly content = new MemoryKvContent()) {}

  table(name: string): Table {
    this.#assertIdle();
    assertTableName(name);
    const { tables } = this.content;
    if (!tables.has(name)) {
      assert(tables.size < kvTablesMax, `at most ${kvTablesMax} tables`);
      tables.set(name, newTree());
    }
    return new MemoryTable(
      () => this.#tree(name),
      () => this.#writableTree(name),
    );
  }

  async dropTable(name: string): Promise<void> {
    this.#assertIdle();
    assertTableName(name);
    this.content.tables.delete(name);
  }

  transaction<T>(work: () => T): T {
    this.#assertIdle();
    const before = new Map<string, Tree>();
    this.#before = before;
    try {
      const result = work();
      assert(!(result instanceof Promise), 'a transaction is synchronous');
      this.content.commit();
      return result;
    } catch (error) {
      for (const [name, tree] of before) this.content.tables.set(name, tree);
      throw error;
    } finally {
      this.#before = undefined;
    }
  }

  snapshot(): KvSnapshot {
    this.#assertIdle();
    assert(this.#snapshots.size < kvSnapshotsMax, `at most ${kvSnapshotsMax} snapshots`);
    const snapshot = new MemorySnapshot(this.content.tables, {
      assertReadable: () => this.#assertIdle(),
      onClosed: () => this.#snapshots.delete(snapshot),
    });
    this.#snapshots.add(snapshot);
    return snapshot;
  }

  async clear(): Promise<void> {
    this.#assertIdle();
    this.content.tables.clear();
  }

  room(): Promise<void> {
    return Promise.resolve();
  }

  requireRoom(): void {
    this.content.requireRoom();
  }

  flush(): Promise<void> {
    return Promise.resolve();
  }

  close(): void {
    for (const snapshot of this.#snapshots) snapshot[Symbol.dispose]();
    this.#open = false;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.close();
    return Promise.resolve();
  }

  #tree(name: string): Tree {
    assert(this.#open, 'the key-value store is open');
    const tree = this.content.tables.get(name);
    assert(tree !== undefined, `table ${name} was not dropped`);
    return tree;
  }

  #writableTree(name: string): Tree {
    const tree = this.#tree(name);
    assert(this.#before !== undefined, 'writes happen in a transaction');
    // A clone shares its nodes with the original until one of them is changed, so it costs next to nothing.
    if (!this.#before.has(name)) this.#before.set(name, tree.clone());
    return tree;
  }

  #assertIdle(): void {
    assert(this.#open, 'the key-value store is open');
    assert(this.#before === undefined, 'no transaction is under way');
  }
}

export type MemoryTables = ReadonlyMap<string, Tree>;

/** What a `MemoryKv` holds. */
export class MemoryKvContent {
  readonly tables = new Map<string, Tree>();
  #failure: LatticeError | undefined;

  /** All tables as they are now; costs next to nothing. */
  copies(): MemoryTables {
    return new Map([...this.tables].map(([name, tree]) => [name, tree.clone()]));
  }

  replace(copies: MemoryTables): void {
    this.tables.clear();
    for (const [name, tree] of copies) this.tables.set(name, tree.clone());
  }

  /** Of all keys and values. */
  bytes(): number {
    let sum = 0;
    for (const tree of this.tables.values())
      for (const [key, value] of tree.entries()) sum += key.length + value.length;
    return sum;
  }

  /** For tests to put another in its place. */
  requireRoom(): void {
    // There is.
  }

  /** Makes the next commit fail, as a full disk does. */
  failNextCommit(code: 'disk-full' | 'disk-failed'): void {
    this.#failure = new LatticeError(code, 'The disk in memory was told to fail.');
  }

  commit(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
  }
}

class MemoryTable implements Table {
  constructor(
    private readonly tree: () => Tree,
    private readonly writableTree: () => Tree,
  ) {}

  get(key: Uint8Array): Uint8Array | undefined {
    return valueIn(this.tree(), key);
  }

  put(key: Uint8Array, value: Uint8Array): void {
    assertKvKey(key);
    this.writableTree().set(key.slice(), value.slice());
  }

  remove(key: Uint8Array): void {
    assertKvKey(key);
    this.writableTree().delete(key);
  }

  range(options?: RangeOptions): Iterable<Pair> {
    return rangeIn(this.tree, options);
  }
}
