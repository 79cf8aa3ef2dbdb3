import { ByteReader, ByteWriter } from '@lattice/proto';
import type { LogStretch, Table } from '@lattice/storage';
import type { DagIndex } from './dag-index.js';
import type { NodeId } from '@lattice/model';

/**
 * Stretches of the log that are damaged. Of what was in one that was found when the state was computed, it knows only what
 * other entries name: that is remembered until some member is found to have no more than is here, or the operator lets go of
 * it. One that was found later is *covered*: the state has all that was there, and the log is to get it back.
 */
export class Holes {
  /** Offset -> the offset of what follows, the log's end when it was found, and 1 where it is covered. */
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
      const [offset, next, foundAt] = [new ByteReader(key).u64(), reader.u64(), reader.u64()];
      yield { offset, next, foundAt, isCovered: reader.remaining > 0 };
    }
  }

  /** Inside a transaction. One that is known already stays as it was found. */
  add({ offset, next }: LogStretch, logEnd: number): void {
    const key = new ByteWriter(8).u64(offset).finish();
    if (this.#table.get(key) === undefined)
      this.#table.put(key, new ByteWriter(16).u64(next).u64(logEnd).finish());
    this.#isEmpty = false;
  }

  /** The same of one that the state covers. What was found of it before, bit by bit, is a part of it now. */
  addCovered({ offset, next }: LogStretch, logEnd: number): void {
    for (const part of [...this]) if (part.offset > offset && part.next <= next) this.remove(part);
    const key = new ByteWriter(8).u64(offset).finish();
    this.#table.put(key, new ByteWriter(17).u64(next).u64(logEnd).u8(1).finish());
    this.#isEmpty = false;
  }

  /** Whether it is known that nothing intact begins there. */
  has(offset: number): boolean {
    return [...this].some((hole) => hole.offset <= offset && offset < hole.next);
  }

  /** Those of which the state has all that was there. */
  covered(): readonly Hole[] {
    return [...this].filter(({ isCovered }) => isCovered);
  }

  /** Inside a transaction. */
  remove({ offset }: LogStretch): void {
    this.#table.remove(new ByteWriter(8).u64(offset).finish());
    this.#isEmpty = [...this.#table.range({ limit: 1 })].length === 0;
  }

  /** Puts those that another state was computed around in the place of all; inside a transaction. */
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
    return [...this].some(
      ({ offset: hole, foundAt, isCovered }) =>
        !isCovered && offsets.every((offset) => offset < hole || offset >= foundAt),
    );
  }
}

export interface Hole extends LogStretch {
  readonly foundAt: number;
  readonly isCovered: boolean;
}
