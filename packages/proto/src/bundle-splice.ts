import {
  assert,
  type BundleChain,
  bundleBytesMax,
  bundleEntriesMax,
  type Hash,
  HashMap,
  type NodeId,
} from '@lattice/model';
import { type BundleForm, depByAuthor, depInBundle, formByte } from './bundle-form.js';
import type { BundleOutline } from './bundle-outline.js';
import { ByteReader } from './byte-reader.js';
import { ByteWriter } from './byte-writer.js';
import { writeHlcDelta } from './hlc-delta.js';
import { OpenChains } from './open-chains.js';

/** A bundle that can be sent: what it has is known only to whoever decodes it. */
export interface SendableBundle {
  readonly entries: number;
  encode(form: BundleForm): Uint8Array;
}

/** A full bundle to be forwarded, and the hash of the last entry of each of its chains. */
export interface BundlePart {
  readonly outline: BundleOutline;
  readonly lastHashes: readonly Hash[];
}

/**
 * Concatenates bundles into one within bounds, where a chain that goes on needs its last signature only, by copying their
 * bytes: what lies in a log is forwarded without being decoded, hashed and encoded again.
 */
export class BundleSplicer {
  #chains = new OpenChains();
  #parts: PlacedPart[] = [];
  #entries = 0;
  #bytes = 0;

  get isEmpty(): boolean {
    return this.#entries === 0;
  }

  fits({ outline }: BundlePart): boolean {
    if (this.isEmpty) return true;
    return (
      this.#entries + outline.entries <= bundleEntriesMax &&
      this.#bytes + outline.canonicalBytes <= bundleBytesMax
    );
  }

  /** Its entries come after all that were added before, in causal order. */
  add({ outline, lastHashes }: BundlePart): void {
    this.#parts.push({ outline, numbers: this.#chains.add(outline.chains, lastHashes) });
    this.#entries += outline.entries;
    this.#bytes += outline.canonicalBytes;
  }

  /** The bundle so far; the next one begins empty. */
  take(): SendableBundle {
    const [chains, parts, entries] = [this.#chains.chains(), this.#parts, this.#entries];
    this.#chains = new OpenChains();
    this.#parts = [];
    this.#entries = 0;
    this.#bytes = 0;
    return { entries, encode: (form) => new Splicing(chains, parts, entries, form).bytes() };
  }
}

interface PlacedPart {
  readonly outline: BundleOutline;
  /** Of the part's chains: their numbers in the whole. */
  readonly numbers: readonly number[];
}

/** The layout of one spliced bundle. */
class Splicing {
  readonly #writer: ByteWriter;
  readonly #chains: readonly BundleChain[];
  readonly #parts: readonly PlacedPart[];
  readonly #entries: number;
  readonly #form: BundleForm;
  readonly #numberOf = new HashMap<number>();
  readonly #extraAuthors: NodeId[] = [];
  /** Of each chain: the indexes of its author's entries by seq, several chains of one author sharing them. */
  readonly #placesOf: readonly Map<number, number>[];
  /** Of each chain: the seq of its next entry. */
  readonly #nextSeqs: number[];
  #index = 0;
  #hlc = 0n;

  constructor(
    chains: readonly BundleChain[],
    parts: readonly PlacedPart[],
    entries: number,
    form: BundleForm,
  ) {
    const bytes = parts.reduce((sum, { outline }) => sum + outline.bytes.length, 64);
    this.#writer = new ByteWriter(bytes);
    this.#chains = chains;
    this.#parts = parts;
    this.#entries = entries;
    this.#form = form;
    this.#nextSeqs = chains.map(({ firstSeq }) => firstSeq);
    const placesOf: Map<number, number>[] = [];
    chains.forEach(({ author }, number) => {
      const known = this.#numberOf.get(author);
      if (known === undefined) this.#numberOf.set(author, number);
      placesOf.push(placesOf[known ?? number] ?? new Map());
    });
    this.#placesOf = placesOf;
  }

  bytes(): Uint8Array {
    const writer = this.#writer;
    writer.u8(formByte[this.#form]).varint(this.#chains.length);
    for (const { author, firstSeq, firstPrev, signature } of this.#chains)
      writer.raw(author).varint(firstSeq).raw(firstPrev).raw(signature);
    const authorsOf = this.#parts.map(({ outline }) => this.#authorNumbers(outline));
    writer.varint(this.#extraAuthors.length);
    for (const author of this.#extraAuthors) writer.raw(author);
    writer.varint(this.#entries);
    this.#parts.forEach((part, i) => this.#writePart(part, authorsOf[i] ?? []));
    return writer.finish();
  }

  /** Of the authors that the part has by number, in that order: their numbers in the whole. */
  #authorNumbers({ chains, extraAuthors }: BundleOutline): readonly number[] {
    const numberOf = (author: NodeId): number => {
      const known = this.#numberOf.get(author);
      if (known !== undefined) return known;
      const number = this.#chains.length + this.#extraAuthors.push(author) - 1;
      this.#numberOf.set(author, number);
      return number;
    };
    return [...chains.map(({ author }) => numberOf(author)), ...extraAuthors.map(numberOf)];
  }

  /** Copies stretches that are the same in the whole, and lays out anew what lies between them. */
  #writePart({ outline, numbers }: PlacedPart, authors: readonly number[]): void {
    const { bytes, entries, entriesAt, firstHlc, lastHlc } = outline;
    const writer = this.#writer;
    const reader = new ByteReader(bytes);
    reader.skip(entriesAt);
    let copied = entriesAt;
    const copyTo = (end: number): void => {
      if (end > copied) writer.raw(bytes.subarray(copied, end));
    };
    for (let i = 0; i < entries; i++) {
      const at = reader.offset;
      const chain = reader.varint();
      const number = numbers[chain];
      assert(number !== undefined, 'a bundle has the chains of its entries');
      if (number !== chain) {
        copyTo(at);
        writer.varint(number);
        copied = reader.offset;
      }
      if (i === 0) {
        copyTo(reader.offset);
        writeHlcDelta(writer, firstHlc - this.#hlc);
        reader.skipVarint();
        copied = reader.offset;
      } else reader.skipVarint();
      const head = reader.varint();
      for (let deps = head >> 1; deps > 0; deps--) {
        const from = reader.offset;
        const code = reader.varint();
        if (code % 2 === depInBundle) continue;
        copyTo(from);
        const author = authors[Math.floor(code / 2)];
        assert(author !== undefined, 'a bundle has the authors of its deps');
        this.#writeDepByAuthor(author, reader.varint(), reader.raw(32));
        copied = reader.offset;
      }
      if (head & 1) reader.skip(32);
      reader.skip(reader.varint());
      this.#notePlace(number);
    }
    copyTo(reader.offset);
    this.#hlc = lastHlc;
  }

  /**
   * A thin bundle's receiver could not look up what comes in the same bundle, so that is named by its place: by a wrong one
   * where the dep is on another branch of its author's, which does not verify, and is asked for in full.
   */
  #writeDepByAuthor(author: number, seq: number, hash: Uint8Array): void {
    const writer = this.#writer;
    if (this.#form === 'full') {
      writer
        .varint(2 * author + depByAuthor)
        .varint(seq)
        .raw(hash);
      return;
    }
    const place = this.#placesOf[author]?.get(seq);
    if (place === undefined || place === onSeveralBranches)
      writer.varint(2 * author + depByAuthor).varint(seq);
    else writer.varint(2 * (this.#index - 1 - place) + depInBundle);
  }

  #notePlace(chain: number): void {
    const seq = this.#nextSeqs[chain] ?? 0;
    this.#nextSeqs[chain] = seq + 1;
    const places = this.#placesOf[chain];
    places?.set(seq, places.has(seq) ? onSeveralBranches : this.#index);
    this.#index++;
  }
}

/** In the place of an entry's index, where its author's seq has several. */
const onSeveralBranches = -1;
