import {
  assert,
  type Hash,
  HashMap,
  type Hlc,
  type LocalRef,
  type NodeId,
  parseHash,
  parseNodeId,
  type StateView,
} from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';
import type { Table } from '@lattice/storage';
import { chainKey } from './keys.js';

/** A place in a chain of this table. */
export interface Place {
  readonly chain: number;
  readonly seq: number;
}

/** One author's line of entries. Where an author forked, each branch is a chain that begins behind its parent's entry. */
export interface Chain {
  /** A local alias. */
  readonly number: number;
  readonly author: NodeId;
  /** The chain whose entry at `firstSeq - 1` this one continues; `undefined` where it begins at the genesis. */
  readonly parent: number | undefined;
  readonly firstSeq: number;
  tipSeq: number;
  tipHash: Hash;
  tipTime: Hlc;
  tipRef: LocalRef;
  /** Entries up to here are kept; `firstSeq - 1` where none is. */
  keptSeq: number;
  /** The last entry that some kept entry of another chain names. */
  coveredSeq: number;
}

/**
 * All chains of a store. They are held in memory, since there are as many as authors (and forks), not as entries; what
 * changes is written through to the table with `save`.
 */
export class ChainTable {
  readonly #table: Table;
  readonly #chains: Chain[] = [];
  readonly #byAuthor = new HashMap<Chain[]>();

  constructor(table: Table) {
    this.#table = table;
    for (const [, value] of table.range()) this.#add(decodeChain(this.#chains.length, value));
  }

  get size(): number {
    return this.#chains.length;
  }

  [Symbol.iterator](): Iterator<Chain> {
    return this.#chains[Symbol.iterator]();
  }

  at(number: number): Chain {
    const chain = this.#chains[number];
    assert(chain, 'chain numbers come from this table');
    return chain;
  }

  /** Every branch of that author, oldest first. */
  of(author: NodeId): readonly Chain[] {
    return this.#byAuthor.get(author) ?? none;
  }

  /** Begins a chain; its first entry is what the caller adds next. */
  begin(
    author: NodeId,
    firstSeq: number,
    parent: number | undefined,
    hash: Hash,
    time: Hlc,
    ref: LocalRef,
  ): Chain {
    const chain: Chain = {
      number: this.#chains.length,
      author,
      parent,
      firstSeq,
      tipSeq: firstSeq,
      tipHash: hash,
      tipTime: time,
      tipRef: ref,
      keptSeq: firstSeq - 1,
      coveredSeq: 0,
    };
    this.#add(chain);
    return chain;
  }

  /** Writes a chain through to the table; inside a transaction. */
  save(chain: Chain): void {
    this.#table.put(chainKey(chain.number), encodeChain(chain));
  }

  /** The chains that begin behind an entry of this one. */
  branchesOf(chain: Chain): readonly Chain[] {
    return this.of(chain.author).filter((branch) => branch.parent === chain.number);
  }

  /** Whether the first place is the second or a chain ancestor of it. */
  leadsTo(earlier: Place, later: Place): boolean {
    let { chain, seq } = later;
    while (chain !== earlier.chain) {
      const branch = this.at(chain);
      if (branch.parent === undefined) return false;
      seq = branch.firstSeq - 1;
      chain = branch.parent;
    }
    return earlier.seq <= seq;
  }

  #add(chain: Chain): void {
    this.#chains.push(chain);
    const siblings = this.#byAuthor.get(chain.author);
    if (siblings) siblings.push(chain);
    else this.#byAuthor.set(chain.author, [chain]);
  }
}

const none: readonly Chain[] = [];

/** Whose chain that is, by what a table says that may be older than what is in memory. */
export function authorOfChain(table: StateView, number: number): NodeId {
  const stored = table.get(chainKey(number));
  assert(stored, 'chain numbers come from this table');
  return decodeChain(number, stored).author;
}

function encodeChain(chain: Chain): Uint8Array {
  return new ByteWriter(160)
    .raw(chain.author)
    .varint(chain.parent === undefined ? 0 : chain.parent + 1)
    .varint(chain.firstSeq)
    .varint(chain.tipSeq)
    .raw(chain.tipHash)
    .bigU64(chain.tipTime)
    .varint(chain.tipRef)
    .varint(chain.keptSeq)
    .varint(chain.coveredSeq)
    .finish();
}

function decodeChain(number: number, bytes: Uint8Array): Chain {
  const reader = new ByteReader(bytes);
  const author = parseNodeId(reader.raw(32));
  const parent = reader.varint();
  return {
    number,
    author,
    parent: parent === 0 ? undefined : parent - 1,
    firstSeq: reader.varint(),
    tipSeq: reader.varint(),
    tipHash: parseHash(reader.raw(32)),
    tipTime: reader.bigU64() as Hlc,
    tipRef: reader.varint() as LocalRef,
    keptSeq: reader.varint(),
    coveredSeq: reader.varint(),
  };
}
