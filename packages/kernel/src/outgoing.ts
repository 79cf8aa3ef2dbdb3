import { assert, type Bundle, type EntryRef, Heap, type Hlc, type LocalRef } from '@lattice/model';
import { BundlePacker } from './bundle-packer.js';
import type { Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';
import { LeftOut } from './left-out.js';
import type { LogReader } from './log-reader.js';
import { type KeptSeqs, SendRange } from './send-range.js';
import { subBundle } from './sub-bundle.js';

/** A chain of which something is left to send. */
class Cursor {
  /** The next entry. */
  record: EntryRecord | undefined;
  readonly #index: DagIndex;
  readonly #refs: Iterator<LocalRef>;
  readonly #lastSeq: number;

  constructor(index: DagIndex, chain: number, firstSeq: number, lastSeq: number) {
    this.#index = index;
    this.#refs = index.refsFrom(chain, firstSeq);
    this.#lastSeq = lastSeq;
    this.advance();
  }

  advance(): void {
    const { value, done } = this.#refs.next();
    const record = done ? undefined : this.#index.entry(value);
    this.record = record && record.seq <= this.#lastSeq ? record : undefined;
  }
}

/** What a peer lacks of what is kept here. */
export class Outgoing {
  readonly #index: DagIndex;
  readonly #reader: LogReader;
  readonly #kept: KeptSeqs;
  readonly #hasUpTo = new Map<number, number>();

  /**
   * `has`: entries (tips, mostly) that the peer has, and so all of their chain ancestors. Those unknown here do not matter.
   * `kept`: when the bundles are asked for, whole bundles of the log.
   */
  constructor(index: DagIndex, kept: KeptSeqs, reader: LogReader, has: Iterable<EntryRef>) {
    this.#index = index;
    this.#kept = kept;
    this.#reader = reader;
    for (const entry of has) {
      const place = index.find(entry);
      if (place) this.#note(place);
    }
  }

  /**
   * All kept entries that the peer lacks, in the log's order, in bundles within bounds: what the log's bundles have of them,
   * concatenated. Where a chain is not kept to its end, entries up to the next signature go along. Nothing is sent that is
   * later than `horizon`, which the peer would hold, nor what follows that or shares its signature.
   */
  *bundles(horizon: Hlc): Iterable<Bundle> {
    const cursors = this.#cursors();
    const leftOut = new LeftOut(this.#index, horizon);
    const packer = new BundlePacker();
    for (let first = cursors.peek(); first?.record; first = cursors.peek()) {
      const { offset } = first.record;
      const logged = this.#reader.bundle(offset);
      const indexes = leftOut.without(takeAt(offset, cursors), logged.chainOf);
      if (indexes.length === 0) continue;
      const part = subBundle(logged, indexes);
      if (!packer.fits(part)) yield packer.take();
      packer.add(part);
    }
    if (!packer.isEmpty) yield packer.take();
  }

  #cursors(): Heap<Cursor> {
    const range = new SendRange(this.#index, this.#kept, this.#reader, this.#hasUpTo);
    const cursors = new Heap<Cursor>((a, b) => (a.record?.ref ?? 0) - (b.record?.ref ?? 0));
    for (const chain of this.#index.chains) {
      const [first, last] = [range.firstSeq(chain), range.lastSeq(chain)];
      if (first <= last) cursors.push(new Cursor(this.#index, chain.number, first, last));
    }
    return cursors;
  }

  #note(place: Place): void {
    for (let at: Place | undefined = place; at;) {
      const chain = this.#index.chains.at(at.chain);
      this.#hasUpTo.set(at.chain, Math.max(this.#hasUpTo.get(at.chain) ?? 0, at.seq));
      at = chain.parent === undefined ? undefined : { chain: chain.parent, seq: chain.firstSeq - 1 };
    }
  }
}

/** The entries to send of the bundle at that offset, moving its chains' cursors behind it. */
function takeAt(offset: number, cursors: Heap<Cursor>): readonly EntryRecord[] {
  const records: EntryRecord[] = [];
  while (cursors.peek()?.record?.offset === offset) {
    const cursor = cursors.pop();
    assert(cursor, 'it was there');
    for (; cursor.record?.offset === offset; cursor.advance()) records.push(cursor.record);
    if (cursor.record) cursors.push(cursor);
  }
  return records.sort((a, b) => a.index - b.index);
}
