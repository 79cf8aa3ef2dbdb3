import {
  assert,
  type Entry,
  type Hash,
  type Hlc,
  hlcLimit,
  hlcNext,
  hlcZero,
  type LocalRef,
  type NodeId,
} from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';
import type { Table } from '@lattice/storage';
import type { Chain } from './chain-table.js';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';

/**
 * Which entries name an original in `instead`, by author and original, whether or not the original is here. An entry is
 * *replaced*, and has no effect, where one of its own author that counts names it and is not dated after it: such a one
 * cannot have seen it. Whether the naming entry is itself replaced does not matter, lest the original took effect again.
 */
export class Replacements {
  readonly #table: Table;
  readonly #index: DagIndex;
  /** The authors who ever named an original, by the number of their first chain: of all others nothing is looked up. */
  readonly #authors = new Set<number>();

  constructor(table: Table, index: DagIndex) {
    this.#table = table;
    this.#index = index;
    for (let author = 0; ;) {
      const [next] = [...table.range({ gte: authorKey(author), limit: 1 })];
      if (!next) return;
      author = new ByteReader(next[0]).u32();
      this.#authors.add(author++);
    }
  }

  /** Takes note of an entry that names an original; inside a transaction. */
  add(entry: EntryRecord, original: Hash): void {
    const author = this.#authorOf(entry.chain);
    this.#authors.add(author);
    this.#table.put(namingKey(author, original, entry.time, entry.ref), nothing);
  }

  isReplaced(original: EntryRecord, counts: (entry: EntryRecord) => boolean): boolean {
    for (const ref of this.#naming(original)) if (counts(this.#index.entry(ref))) return true;
    return false;
  }

  /** An entry of the same author that names this one and is not dated after it: the earliest. */
  of(original: Original): EntryRecord | undefined {
    for (const ref of this.#naming(original)) return this.#index.entry(ref);
    return undefined;
  }

  /** The earliest entry of that author that names that one, which need not be here, and is dated `until` then at most. */
  naming(author: NodeId, original: Hash, until: Hlc = latest): EntryRecord | undefined {
    const [first] = this.#index.chains.of(author);
    if (!first || !this.#authors.has(first.number)) return undefined;
    for (const ref of this.#namingBy(first.number, original, until)) return this.#index.entry(ref);
    return undefined;
  }

  /** Whether something is here by which its author says again all that this entry says, which need not be here. */
  saysAgain({ author, payload, instead }: Entry, hash: Hash): boolean {
    if (this.naming(author, hash)) return true;
    return payload.length === 0 && instead !== undefined && this.naming(author, instead) !== undefined;
  }

  /** Whether an entry of the author that is dated no earlier than this one, and that it does not see, may be here. */
  mayConcern({ chain: number, time }: EntryRecord): boolean {
    const { author } = this.#index.chains.at(number);
    return this.#index.chains.of(author).some((other) => other.number !== number && other.tipTime >= time);
  }

  /** Whether the author issued a chain's last entry again, and so left that chain. */
  isLeft({ number, tipHash, tipTime }: Chain): boolean {
    return this.of({ chain: number, hash: tipHash, time: tipTime }) !== undefined;
  }

  /** The entries of the same author that name this one and are not dated after it, the earliest first. */
  *#naming({ chain, hash, time }: Original): Generator<LocalRef> {
    if (this.#authors.size === 0) return;
    const author = this.#authorOf(chain);
    if (!this.#authors.has(author)) return;
    yield* this.#namingBy(author, hash, time);
  }

  *#namingBy(author: number, original: Hash, until: Hlc): Generator<LocalRef> {
    const range = {
      gte: namingKey(author, original, hlcZero, 0),
      lt: namingKey(author, original, hlcNext(until), 0),
    };
    for (const [key] of this.#table.range(range)) {
      const reader = new ByteReader(key);
      reader.raw(refAt);
      yield reader.u64() as LocalRef;
    }
  }

  #authorOf(chain: number): number {
    const [first] = this.#index.chains.of(this.#index.chains.at(chain).author);
    assert(first, 'who has an entry has a chain');
    return first.number;
  }
}

type Original = Pick<EntryRecord, 'chain' | 'hash' | 'time'>;

/** Where in a key the alias is: behind the author's number, the original's hash and the naming entry's time. */
const refAt = 4 + 32 + 8;
const latest = (hlcLimit - 1n) as Hlc;
const nothing = new Uint8Array(0);

function authorKey(author: number): Uint8Array {
  return new ByteWriter(4).u32(author).finish();
}

function namingKey(author: number, original: Hash, time: Hlc, ref: number): Uint8Array {
  return new ByteWriter(refAt + 8).u32(author).raw(original).bigU64(time).u64(ref).finish();
}
