import { assert, type Bundle, type EntryRef, equalBytes, Heap, type Hlc } from '@lattice/model';
import {
  type BundleOutline,
  type BundlePart,
  BundleSplicer,
  encodeBundle,
  outlineBundle,
  type SendableBundle,
} from '@lattice/proto';
import { endsOf } from './bundle-ends.js';
import type { Place } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';
import { LeftOut } from './left-out.js';
import { decodeRecord, type LogReader, unlessDamaged } from './log-reader.js';
import { SendCursor } from './send-cursor.js';
import { type KeptSeqs, SendRange } from './send-range.js';
import { subBundle } from './sub-bundle.js';

/** What a peer lacks of what is kept here. */
export class Outgoing {
  readonly #index: DagIndex;
  readonly #reader: LogReader;
  readonly #kept: KeptSeqs;
  readonly #has: Iterable<EntryRef>;
  readonly #hasUpTo = new Map<number, number>();

  /**
   * `has`: entries (tips, mostly) that the peer has, and so all of their chain ancestors. Those unknown here do not matter.
   * `kept`: when the bundles are asked for, whole bundles of the log.
   */
  constructor(index: DagIndex, kept: KeptSeqs, reader: LogReader, has: Iterable<EntryRef>) {
    this.#index = index;
    this.#kept = kept;
    this.#reader = reader;
    this.#has = has;
  }

  /**
   * All kept entries that the peer lacks, in the log's order, in bundles within bounds: what the log's bundles have of them,
   * concatenated. Where a chain is not kept to its end, entries up to the next signature go along. Nothing is sent that is
   * later than `horizon`, which the peer would hold, nor what follows that or shares its signature; nor what is damaged in
   * the log, with what follows it: the peer may be the one that has it, and lack what comes before.
   */
  *bundles(horizon: Hlc): Iterable<SendableBundle> {
    for (const bundle of this.inSteps(horizon)) if (bundle) yield bundle;
  }

  /** The same, with nothing in between now and then: where there are many chains, it takes long to find out about all. */
  *inSteps(horizon: Hlc): Generator<SendableBundle | undefined> {
    yield* this.#noteAll();
    const cursors = yield* this.#cursors();
    const leftOut = new LeftOut(this.#index, horizon);
    const splicer = new BundleSplicer();
    for (let first = cursors.peek(); first?.record; first = cursors.peek()) {
      const { offset } = first.record;
      const part = this.#partAt(offset, takeAt(offset, cursors), leftOut, cursors);
      if (!part) continue;
      if (!splicer.fits(part)) yield splicer.take();
      splicer.add(part);
    }
    if (!splicer.isEmpty) yield splicer.take();
  }

  *#noteAll(): Generator<undefined> {
    for (const entry of this.#has) {
      yield;
      const place = this.#index.find(entry);
      if (place) this.#note(place);
    }
  }

  *#cursors(): Generator<undefined, Heap<SendCursor>> {
    const range = new SendRange(this.#index, this.#kept, this.#reader, this.#hasUpTo);
    const cursors = new Heap<SendCursor>((a, b) => (a.record?.ref ?? 0) - (b.record?.ref ?? 0));
    for (const chain of this.#index.chains) {
      yield;
      const [first, last] = [range.firstSeq(chain), range.lastSeq(chain)];
      if (first <= last) cursors.push(new SendCursor(this.#index, chain.number, first, last));
    }
    return cursors;
  }

  /** What is sent of the bundle at that offset. `here`: the cursors of its chains, which go back behind it. */
  #partAt(
    offset: number,
    here: readonly SendCursor[],
    leftOut: LeftOut,
    cursors: Heap<SendCursor>,
  ): BundlePart | undefined {
    const bytes = unlessDamaged(() => this.#reader.record(offset));
    if (!bytes) return leaveOutAll(offset, here, leftOut, cursors);
    const outline = outlineBundle(bytes);
    const lasts = leftOut.isEmpty ? this.#lastsOf(outline, here) : undefined;
    const isWhole = lasts?.every(({ record }) => !leftOut.isLate(record));
    const part = lasts && isWhole ? wholePart(outline, lasts) : partOf(decodeRecord(bytes), here, leftOut);
    for (const cursor of here) if (cursor.record) cursors.push(cursor);
    return part;
  }

  /**
   * The last entry of each of the bundle's chains, where all of its entries are to be sent, which need no look then:
   * between the first and the last entry that a chain has there lie no others.
   */
  #lastsOf({ chains }: BundleOutline, here: readonly SendCursor[]): readonly LastEntry[] | undefined {
    if (chains.length !== here.length) return undefined;
    const lasts: LastEntry[] = [];
    for (const { author, firstSeq, entries, first, last } of chains) {
      const cursor = here.find(
        ({ chain, record }) =>
          record?.index === first &&
          record.seq === firstSeq &&
          equalBytes(this.#index.chains.at(chain).author, author),
      );
      const lastSeq = firstSeq + entries - 1;
      if (!cursor?.record || lastSeq > cursor.lastSeq) return undefined;
      const { offset } = cursor.record;
      const record =
        entries === 1
          ? cursor.record
          : this.#index.entry(this.#index.refAt({ chain: cursor.chain, seq: lastSeq }));
      if (record.offset !== offset || record.index !== last) return undefined;
      lasts.push({ cursor, record });
    }
    return lasts;
  }

  #note(place: Place): void {
    for (let at: Place | undefined = place; at;) {
      const chain = this.#index.chains.at(at.chain);
      this.#hasUpTo.set(at.chain, Math.max(this.#hasUpTo.get(at.chain) ?? 0, at.seq));
      at = chain.parent === undefined ? undefined : { chain: chain.parent, seq: chain.firstSeq - 1 };
    }
  }
}

/** Of a chain in a bundle. */
interface LastEntry {
  readonly cursor: SendCursor;
  readonly record: EntryRecord;
}

function takeAt(offset: number, cursors: Heap<SendCursor>): readonly SendCursor[] {
  const taken: SendCursor[] = [];
  while (cursors.peek()?.record?.offset === offset) {
    const cursor = cursors.pop();
    assert(cursor, 'it was there');
    taken.push(cursor);
  }
  return taken;
}

function leaveOutAll(
  offset: number,
  here: readonly SendCursor[],
  leftOut: LeftOut,
  cursors: Heap<SendCursor>,
): undefined {
  for (const cursor of here) {
    for (; cursor.record?.offset === offset; cursor.advance()) leftOut.leaveOut(cursor.record);
    if (cursor.record) cursors.push(cursor);
  }
}

function wholePart(outline: BundleOutline, lasts: readonly LastEntry[]): BundlePart {
  for (const { cursor, record } of lasts) cursor.moveBehind(record.seq);
  return { outline, lastHashes: lasts.map(({ record }) => record.hash) };
}

/** Of a bundle of which something stays behind, or may. */
function partOf(logged: Bundle, here: readonly SendCursor[], leftOut: LeftOut): BundlePart | undefined {
  const { offset } = here[0]?.record ?? {};
  const records: EntryRecord[] = [];
  for (const cursor of here)
    for (; cursor.record && cursor.record.offset === offset; cursor.advance()) records.push(cursor.record);
  records.sort((a, b) => a.index - b.index);
  const indexes = leftOut.without(records, logged.chainOf);
  if (indexes.length === 0) return undefined;
  const part = subBundle(logged, indexes);
  return {
    outline: outlineBundle(encodeBundle(part, 'full')),
    lastHashes: endsOf(part).map(({ hash }) => hash),
  };
}
