import {
  assert,
  type EntryInfo,
  type EntryRef,
  equalBytes,
  type Hash,
  type LocalRef,
  type NodeId,
} from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';
import type { OrderedKv, Table } from '@lattice/storage';
import { type Chain, ChainTable, type Place } from './chain-table.js';
import { decodeEntryRecord, encodeEntryRecord, type EntryRecord } from './entry-record.js';
import { RecentRecords } from './recent-records.js';
import { placeFromKey, placeKey, refKey } from './keys.js';

/** An entry that names others beside its `prev`: where the DAG joins. */
export interface Join {
  readonly seq: number;
  readonly ref: LocalRef;
  readonly deps: readonly LocalRef[];
}

/**
 * What is known of every entry in the DAG, by local alias and by place in its chain. Entries are numbered in the order in
 * which the log has them, so ancestors have smaller numbers, and both indexes are written at growing keys.
 */
export class DagIndex {
  readonly chains: ChainTable;
  readonly #entries: Table;
  /** (chain, seq) of the first entry of each run whose aliases grow in step with its seqs -> its alias. */
  readonly #runs: Table;
  /** (chain, seq) -> the entry's alias and those of its deps, for entries that have any. */
  readonly #joins: Table;
  readonly #recent = new RecentRecords();

  constructor(kv: OrderedKv) {
    this.chains = new ChainTable(kv.table('chains'));
    this.#entries = kv.table('entries');
    this.#runs = kv.table('runs');
    this.#joins = kv.table('joins');
  }

  entry(ref: LocalRef): EntryRecord {
    const known = this.#recent.get(ref);
    if (known) return known;
    const bytes = this.#entries.get(refKey(ref));
    assert(bytes, 'an alias names an entry of this log');
    return decodeEntryRecord(ref, bytes);
  }

  info(ref: LocalRef): EntryInfo {
    const { chain, seq, hash, hlc, time } = this.entry(ref);
    return { author: this.chains.at(chain).author, seq, hash, hlc, time };
  }

  /** The alias of the entry at a place that the chain (or the chain that it branched from) has. */
  refAt(place: Place): LocalRef {
    const { chain, seq } = this.#onOwnChain(place);
    const { tipSeq, tipRef } = this.chains.at(chain);
    if (seq === tipSeq) return tipRef;
    const recent = this.#recent.at(chain, seq);
    if (recent) return recent.ref;
    for (const [key, value] of this.#runs.range({ lt: placeKey(chain, seq + 1), reverse: true, limit: 1 })) {
      const run = placeFromKey(key);
      assert(run.chain === chain, 'every chain has a run from its first entry on');
      return (new ByteReader(value).u64() + seq - run.seq) as LocalRef;
    }
    throw new Error('assertion failed: a chain without a run');
  }

  /** The aliases of a chain's own entries from `seq` on, in order; read ahead in pages. */
  *refsFrom(chain: number, seq: number): Generator<LocalRef> {
    const { tipSeq } = this.chains.at(chain);
    let at = seq;
    let offset = at <= tipSeq ? this.refAt({ chain, seq }) - seq : 0;
    const later = { gte: placeKey(chain, seq + 1), lt: placeKey(chain, tipSeq + 1) };
    for (const [key, value] of this.#runs.range(later)) {
      const run = placeFromKey(key);
      for (; at < run.seq; at++) yield (at + offset) as LocalRef;
      offset = new ByteReader(value).u64() - run.seq;
    }
    for (; at <= tipSeq; at++) yield (at + offset) as LocalRef;
  }

  hashAt(place: Place): Hash {
    const { chain, seq } = this.#onOwnChain(place);
    const { tipSeq, tipHash } = this.chains.at(chain);
    return seq === tipSeq ? tipHash : this.entry(this.refAt({ chain, seq })).hash;
  }

  /** The place of the entry that matches on author, seq and hash; `undefined` where it is not in the DAG. */
  find(named: EntryRef): Place | undefined {
    return this.findAt(named.author, named.seq, named.hash);
  }

  findAt(author: NodeId, seq: number, hash: Hash): Place | undefined {
    for (const chain of this.chains.of(author)) {
      if (seq < chain.firstSeq || seq > chain.tipSeq) continue;
      const place = { chain: chain.number, seq };
      if (equalBytes(this.hashAt(place), hash)) return place;
    }
    return undefined;
  }

  /** What the index has of the entry that matches on author, seq and hash; `undefined` where it is not in the DAG. */
  recordOf(author: NodeId, seq: number, hash: Hash): EntryRecord | undefined {
    for (const { number, firstSeq, tipSeq } of this.chains.of(author)) {
      if (seq < firstSeq || seq > tipSeq) continue;
      const record = this.#recent.at(number, seq) ?? this.entry(this.refAt({ chain: number, seq }));
      if (equalBytes(record.hash, hash)) return record;
    }
    return undefined;
  }

  /** The hash of the only entry of that author and seq; `undefined` where there is none, or a fork has several. */
  onlyHashAt(author: NodeId, seq: number): Hash | undefined {
    const holding = this.chains.of(author).filter((chain) => seq >= chain.firstSeq && seq <= chain.tipSeq);
    const [chain] = holding;
    return chain && holding.length === 1 ? this.hashAt({ chain: chain.number, seq }) : undefined;
  }

  /** A chain's joins with `seqFrom <= seq <= seqTo`, latest first. */
  *joins(chain: number, seqFrom: number, seqTo: number): Iterable<Join> {
    let upTo = seqTo;
    for (; upTo >= seqFrom; upTo--) {
      const link = this.#recent.linkAt(chain, upTo);
      if (!link) break;
      if (link.join) yield link.join;
    }
    if (upTo < seqFrom) return;
    const range = { gte: placeKey(chain, seqFrom), lt: placeKey(chain, upTo + 1), reverse: true };
    for (const [key, value] of this.#joins.range(range)) yield decodeJoin(placeFromKey(key).seq, value);
  }

  depsOf(place: Place): readonly LocalRef[] {
    const bytes = this.#joins.get(placeKey(place.chain, place.seq));
    return bytes ? decodeJoin(place.seq, bytes).deps : [];
  }

  /** Where the chain's entry before this one lies; `undefined` where the genesis is what it goes on from. */
  previousOf({ chain, seq }: Place): Place | undefined {
    const { firstSeq, parent } = this.chains.at(chain);
    if (seq > firstSeq) return { chain, seq: seq - 1 };
    return parent === undefined ? undefined : { chain: parent, seq: seq - 1 };
  }

  placeOf(ref: LocalRef): Place {
    const { chain, seq } = this.entry(ref);
    return { chain, seq };
  }

  /**
   * Makes an entry its chain's tip; inside a transaction. Its record is `put` by the caller next, and the chain saved once
   * a transaction.
   */
  link(record: EntryRecord, chain: Chain, deps: readonly EntryRecord[]): void {
    const continuesRun = record.seq > chain.firstSeq && record.ref === chain.tipRef + 1;
    if (!continuesRun) this.#runs.put(placeKey(record.chain, record.seq), refKey(record.ref));
    const { chain: number, seq, ref } = record;
    const join = deps.length > 0 ? { seq, ref, deps: deps.map((dep) => dep.ref) } : undefined;
    if (join) this.#joins.put(placeKey(number, seq), encodeJoin(join));
    this.#recent.link({ chain: number, seq, ref, join });
    chain.tipSeq = record.seq;
    chain.tipHash = record.hash;
    chain.tipTime = record.time;
    chain.tipRef = record.ref;
  }

  /** Inside a transaction. */
  put(record: EntryRecord): void {
    this.#entries.put(refKey(record.ref), encodeEntryRecord(record));
    this.#recent.put(record);
  }

  #onOwnChain(place: Place): Place {
    let { chain } = place;
    for (;;) {
      const { firstSeq, parent } = this.chains.at(chain);
      if (place.seq >= firstSeq) return { chain, seq: place.seq };
      assert(parent !== undefined, 'a place lies on its chain or on one that it branched from');
      chain = parent;
    }
  }
}

const joinWriter = new ByteWriter(64);

function encodeJoin({ ref, deps }: Join): Uint8Array {
  joinWriter.reset().varint(ref);
  for (const dep of deps) joinWriter.varint(dep);
  return joinWriter.finish();
}

function decodeJoin(seq: number, bytes: Uint8Array): Join {
  const reader = new ByteReader(bytes);
  const ref = reader.varint() as LocalRef;
  const deps: LocalRef[] = [];
  while (reader.remaining > 0) deps.push(reader.varint() as LocalRef);
  return { seq, ref, deps };
}
