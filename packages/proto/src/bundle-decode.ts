import {
  allAtOnce,
  assert,
  type Bundle,
  type BundleChain,
  bundleEntriesMax,
  bundleBytesMax,
  compareEntryRefs,
  depsMax,
  type Entry,
  type EntryRef,
  type Hash,
  type Hlc,
  hlcLimit,
  type NodeId,
  parseHash,
  parseNodeId,
  parseSignature,
  payloadBytesMax,
  type Steps,
} from '@lattice/model';
import { depInBundle, extraAuthorsMax, formByte, type BundleForm } from './bundle-form.js';
import { ByteReader } from './byte-reader.js';
import { canonicalEntryLength } from './entry.js';
import { readHlcDelta } from './hlc-delta.js';
import { MalformedError } from './malformed.js';

/** What decoding asks of its surroundings. */
export interface BundleResolver {
  hashEntry(entry: Entry): Hash;
  /** For a thin bundle: the hash of the entry of that author and seq, `undefined` where there is none or several. */
  lookUp(author: NodeId, seq: number): Hash | undefined;
}

export type DecodedBundle =
  | { readonly kind: 'bundle'; readonly form: BundleForm; readonly bundle: Bundle }
  /** A thin bundle leaves out what cannot be looked up here: ask for it in full. */
  | { readonly kind: 'unresolved'; readonly author: NodeId; readonly seq: number };

/** Decodes a bundle within its bounds, hashing each entry; signatures remain to be verified. Throws `MalformedError`. */
export function decodeBundle(bytes: Uint8Array, resolver: BundleResolver): DecodedBundle {
  return allAtOnce(decodeBundleInSteps(bytes, resolver));
}

/** The same, entry by entry, for whoever must not take long at a time. */
export function* decodeBundleInSteps(bytes: Uint8Array, resolver: BundleResolver): Steps<DecodedBundle> {
  try {
    return yield* new BundleDecoder(bytes, resolver).decode();
  } catch (error) {
    if (error instanceof Unresolved) return { kind: 'unresolved', author: error.author, seq: error.seq };
    throw error;
  }
}

/** Whose chains a bundle says it has, without a look at the rest. Throws `MalformedError`. */
export function bundleAuthors(bytes: Uint8Array): readonly NodeId[] {
  const reader = new ByteReader(bytes);
  readForm(reader);
  return readChains(reader).map(({ author }) => author);
}

class Unresolved extends Error {
  constructor(
    readonly author: NodeId,
    readonly seq: number,
  ) {
    super('unresolved');
  }
}

/** Where the next entry of a chain must stand. */
interface ChainCursor {
  readonly author: NodeId;
  nextSeq: number;
  nextPrev: Hash;
  entries: number;
}

class BundleDecoder {
  readonly #reader: ByteReader;
  readonly #resolver: BundleResolver;
  readonly #entries: Entry[] = [];
  readonly #hashes: Hash[] = [];
  readonly #chainOf: number[] = [];
  #form: BundleForm = 'full';
  #cursors: readonly ChainCursor[] = [];
  #authors: readonly NodeId[] = [];
  #hlc = 0n;
  #bytes = 0;

  constructor(bytes: Uint8Array, resolver: BundleResolver) {
    this.#reader = new ByteReader(bytes);
    this.#resolver = resolver;
  }

  *decode(): Steps<DecodedBundle> {
    this.#form = readForm(this.#reader);
    const chains = readChains(this.#reader);
    this.#cursors = chains.map((chain) => ({
      author: chain.author,
      nextSeq: chain.firstSeq,
      nextPrev: chain.firstPrev,
      entries: 0,
    }));
    this.#authors = [...chains.map((chain) => chain.author), ...this.#readExtraAuthors()];
    const count = this.#reader.bounded(bundleEntriesMax, 'the number of entries');
    for (let index = 0; index < count; index++) {
      this.#readEntry(index);
      yield;
    }
    this.#reader.end();
    if (this.#cursors.some((cursor) => cursor.entries === 0))
      throw new MalformedError('a chain has no entry in the bundle');
    const bundle = { chains, chainOf: this.#chainOf, entries: this.#entries, hashes: this.#hashes };
    return { kind: 'bundle', form: this.#form, bundle };
  }

  #readExtraAuthors(): readonly NodeId[] {
    const count = this.#reader.bounded(extraAuthorsMax, 'the number of authors');
    if (count * 32 > this.#reader.remaining) throw new MalformedError('the bytes end too early');
    return Array.from({ length: count }, () => parseNodeId(this.#reader.raw(32)));
  }

  #readEntry(index: number): void {
    const chain = this.#reader.varint();
    const cursor = this.#cursors[chain];
    if (!cursor) throw new MalformedError(`there is no chain ${chain} in the bundle`);
    if (!Number.isSafeInteger(cursor.nextSeq)) throw new MalformedError('a seq is 2^53 or more');
    const hlc = this.#readHlc();
    const head = this.#reader.bounded(2 * depsMax + 1, 'the number of deps');
    const deps = this.#readDeps(head >> 1, index);
    const instead = head & 1 ? parseHash(this.#reader.raw(32)) : undefined;
    const payload = this.#reader.prefixed(payloadBytesMax, 'a payload');
    const fields = { author: cursor.author, seq: cursor.nextSeq, prev: cursor.nextPrev, hlc, deps, payload };
    const entry: Entry = instead ? { ...fields, instead } : fields;
    this.#bytes += canonicalEntryLength(entry);
    if (index > 0 && this.#bytes > bundleBytesMax)
      throw new MalformedError('a bundle of several entries is over 1 MiB');

    const hash = this.#resolver.hashEntry(entry);
    this.#entries.push(entry);
    this.#hashes.push(hash);
    this.#chainOf.push(chain);
    cursor.nextSeq++;
    cursor.nextPrev = hash;
    cursor.entries++;
  }

  #readHlc(): Hlc {
    this.#hlc += readHlcDelta(this.#reader);
    if (this.#hlc < 0n || this.#hlc >= hlcLimit) throw new MalformedError('an hlc is outside of its range');
    return this.#hlc as Hlc;
  }

  #readDeps(count: number, index: number): readonly EntryRef[] {
    const deps: EntryRef[] = [];
    for (let i = 0; i < count; i++) {
      const dep = this.#readDep(index);
      const before = deps[i - 1];
      if (before && compareEntryRefs(before, dep) >= 0) throw this.#unsorted(dep);
      deps.push(dep);
    }
    return deps;
  }

  /** In a thin bundle it may be a look-up that went wrong here: of two branches, say, only one is known. */
  #unsorted({ author, seq }: EntryRef): Error {
    if (this.#form === 'thin') return new Unresolved(author, seq);
    return new MalformedError('deps are not strictly sorted');
  }

  #readDep(index: number): EntryRef {
    const code = this.#reader.varint();
    const number = Math.floor(code / 2);
    if (code % 2 === depInBundle) return this.#earlierEntry(index - 1 - number);
    const author = this.#authors[number];
    if (!author) throw new MalformedError(`there is no author ${number} in the bundle`);
    const seq = this.#reader.varint();
    if (seq === 0) throw new MalformedError('a seq counts from 1');
    if (this.#form === 'full') return { author, seq, hash: parseHash(this.#reader.raw(32)) };
    const hash = this.#resolver.lookUp(author, seq);
    if (!hash) throw new Unresolved(author, seq);
    return { author, seq, hash };
  }

  #earlierEntry(index: number): EntryRef {
    const entry = this.#entries[index];
    if (!entry) throw new MalformedError('a dep names an entry before the beginning of the bundle');
    const hash = this.#hashes[index];
    assert(hash, 'each entry has been hashed');
    return { author: entry.author, seq: entry.seq, hash };
  }
}

function readForm(reader: ByteReader): BundleForm {
  const byte = reader.u8();
  if (byte === formByte.full) return 'full';
  if (byte === formByte.thin) return 'thin';
  throw new MalformedError(`bundle form ${byte} is not known`);
}

/** What a bundle says of its chains, behind its form. Throws `MalformedError`. */
export function readChains(reader: ByteReader): readonly BundleChain[] {
  const count = reader.bounded(bundleEntriesMax, 'the number of chains');
  if (count === 0) throw new MalformedError('a bundle has no chain');
  return Array.from({ length: count }, () => {
    const author = parseNodeId(reader.raw(32));
    const firstSeq = reader.varint();
    if (firstSeq === 0) throw new MalformedError('a seq counts from 1');
    return {
      author,
      firstSeq,
      firstPrev: parseHash(reader.raw(32)),
      signature: parseSignature(reader.raw(64)),
    };
  });
}
