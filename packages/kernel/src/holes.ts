import { ByteReader, ByteWriter } from '@lattice/proto';
import type { LogStretch, Table } from '@lattice/storage';
import type { DagIndex } from './dag-index.js';
import type { NodeId } from '@lattice/model';

/**
 * Stretches of the log that were damaged when the state was computed: of what was there it knows only what other entries
 * name. They are remembered until some member is found to have no more than is here, or the operator lets go of them.
 */
export class Holes {
  /** Offset -> the offset of what follows, and the log's end when it was found. */
  readonly #table: Table;
  #isEmpty: boolean;

  constructor(table: Table) {
    this.#table = table;
    this.#isEmpty = [...table.range({ limit: 1 })].length === 0;
  }

  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  *[Symbol.iterator](): Generator<Hole> {
    if (this.#isEmpty) return;
    for (const [key, value] of this.#table.range()) {
      const reader = new ByteReader(value);
      yield { offset: new ByteReader(key).u64(), next: reader.u64(), foundAt: reader.u64() };
    }
  }

  /** Inside a transaction. One that is known already stays as it was found. */
  add({ offset, next }: LogStretch, logEnd: number): void {
    const key = new ByteWriter(8).u64(offset).finish();
    if (this.#table.get(key) === undefined)
      this.#table.put(key, new ByteWriter(16).u64(next).u64(logEnd).finish());
    this.#isEmpty = false;
  }

  /** Inside a transaction. */
  remove({ offset }: LogStretch): void {
    this.#table.remove(new ByteWriter(8).u64(offset).finish());
    this.#isEmpty = [...this.#table.range({ limit: 1 })].length === 0;
  }

  /** Puts those of another state in the place of all; inside a transaction. */
  replaceWith(others: Iterable<Hole>): void {
    for (const hole of [...this]) this.remove(hole);
    for (const hole of others) this.add(hole, hole.foundAt);
  }

  /**
   * Whether the last entry of that author, who wrote them here, may have been in one of them. Not if one that was here when
   * the hole was found lies behind it: it came later, and all of its ancestors are here.
   */
  mayHideLastOf(author: NodeId, index: DagIndex): boolean {
    if (this.#isEmpty) return false;
    const offsets = index.chains.of(author).map(({ tipRef }) => index.entry(tipRef).offset);
    return [...this].some(({ offset: hole, foundAt }) =>
      offsets.every((offset) => offset < hole || offset >= foundAt),
    );
  }
}

interface Hole extends LogStretch {
  readonly foundAt: number;
}
