import type { RangeOptions, StateView } from '@lattice/model';
import { assertKvKey, assertKvRange } from '@lattice/storage';
import type { Database, RangeOptions as LmdbRange, Transaction } from 'lmdb';
import { unsealed, unsealedBytesMax } from './sealed-value.js';

type Pair = readonly [key: Uint8Array, value: Uint8Array];

/** Ranges are read in pages, of so many pairs at first and at most, ended early where the pairs are large. */
const pagePairsMin = 8;
const pagePairsMax = 256;
const pageBytesMax = 256 * 1024;

interface Within {
  readonly transaction: Transaction;
}

/** `getBinaryFast` takes options as `getBinary` does, which its types do not say. */
type ReadDatabase = Database<Uint8Array, Uint8Array> & {
  getBinaryFast(key: Uint8Array, within?: Within): Uint8Array | undefined;
};

/** Reads a table, as it is now or in a transaction that sees it as it was. */
export class LmdbView implements StateView {
  /** LMDB returns all values in one buffer, until it needs a larger one; this is a plain view of it. */
  #shared: Uint8Array | undefined;
  #view: Uint8Array = new Uint8Array(0);

  readonly #database: ReadDatabase;
  readonly #within: Within | undefined;

  constructor(
    database: Database<Uint8Array, Uint8Array>,
    private readonly assertReadable: () => void,
    private readonly asError: (error: unknown) => unknown,
    transaction?: Transaction,
  ) {
    this.#database = database;
    this.#within = transaction && { transaction };
  }

  get(key: Uint8Array): Uint8Array | undefined {
    assertKvKey(key);
    this.assertReadable();
    try {
      const bytes: Uint8Array | undefined = this.#database.getBinaryFast(key, this.#within);
      if (bytes === undefined) return undefined;
      // `length` is that of the value, while the buffer is larger. Copying through a plain view gives a plain Uint8Array,
      // whose `slice` copies, and is faster than LMDB's own copy.
      if (bytes !== this.#shared) {
        this.#shared = bytes;
        this.#view = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      }
      if (bytes.length > unsealedBytesMax) return unsealed(this.#view.subarray(0, bytes.length)).slice();
      return this.#view.slice(0, bytes.length);
    } catch (error) {
      throw this.asError(error);
    }
  }

  /**
   * In pages, so that no read transaction or cursor outlives a call: one that is left open, by an iterator that nobody
   * returned or a consumer that is slow, keeps LMDB from reusing any page and the file grows without bound.
   */
  *range(options: RangeOptions = {}): Iterable<Pair> {
    assertKvRange(options);
    let left = options.limit ?? Infinity;
    // Who says how many it wants will want them.
    let pairsMax = options.limit === undefined ? pagePairsMin : pagePairsMax;
    let after: Uint8Array | undefined;
    while (left > 0) {
      const { pairs, isLast } = this.#page(options, after, Math.min(left, pairsMax));
      yield* pairs;
      if (isLast) return;
      left -= pairs.length;
      after = pairs.at(-1)?.[0].slice();
      pairsMax = Math.min(2 * pairsMax, pagePairsMax);
    }
  }

  #page(options: RangeOptions, after: Uint8Array | undefined, pairsMax: number) {
    this.assertReadable();
    const range = lmdbRange(options, after, pairsMax);
    const pairs: Pair[] = [];
    let bytes = 0;
    if (range !== undefined) {
      try {
        for (const { key, value } of this.#database.getRange({ ...range, ...this.#within })) {
          pairs.push([plain(key), unsealed(plain(value))]);
          bytes += key.length + value.length;
          if (bytes >= pageBytesMax) break;
        }
      } catch (error) {
        throw this.asError(error);
      }
    }
    return { pairs, isLast: pairs.length < pairsMax && bytes < pageBytesMax };
  }
}

/** The rest of a range, or `undefined` where it is empty. An empty bound is no key to LMDB: it lies before all others. */
function lmdbRange(
  { gte, lt, reverse = false }: RangeOptions,
  after: Uint8Array | undefined,
  limit: number,
): LmdbRange | undefined {
  if (lt?.length === 0) return undefined;
  const low = gte?.length === 0 ? undefined : gte;
  const start = after ?? (reverse ? lt : low);
  return {
    limit,
    reverse,
    // Backwards, LMDB would end before the key of one zero byte unless an end is given.
    ...(reverse ? { end: low, inclusiveEnd: true } : lt === undefined ? {} : { end: lt }),
    ...(start === undefined ? {} : { start, exclusiveStart: reverse || after !== undefined }),
  } as LmdbRange;
}

/**
 * The same bytes, which LMDB has copied already, without what `Buffer` changes about them. V8 keeps arrays of up to 64
 * bytes within themselves: asking for the buffer of one costs more than copying it.
 */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.length <= 64
    ? new Uint8Array(bytes)
    : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
