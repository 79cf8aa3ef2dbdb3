import { blake3 } from '@lattice/crypto';
import {
  compareBytes,
  type EntryRef,
  equalBytes,
  type Hlc,
  hlcMax,
  hlcNext,
  hlcZero,
  type LocalRef,
  type NodeId,
  type StoreId,
} from '@lattice/model';
import { ByteWriter } from '@lattice/proto';
import { encodeMeshOp, type MeshEntry, type MeshHistory, type MeshOp } from '@lattice/meshstore';

/** An entry in memory, which knows its causal past outright. */
export interface TestEntry extends MeshEntry {
  /** Place in the DAG that it was made in: the number of its bit. */
  readonly place: number;
  readonly prev: TestEntry | undefined;
  readonly deps: readonly TestEntry[];
  /** A bit for each entry strictly in its causal past. */
  readonly past: bigint;
}

export interface TestWrite {
  readonly author: NodeId;
  /** The author's entry to go on from; none: a chain's first. */
  readonly prev: TestEntry | undefined;
  readonly deps: readonly TestEntry[];
  /** One more than all that it sees, unless given. */
  readonly hlc?: Hlc;
  readonly ops: readonly MeshOp[];
}

/** A set of entries, closed under causality unless said otherwise. */
export type Holding = ReadonlySet<TestEntry>;

/** All entries that anybody ever wrote in one store, whoever has which. */
export class TestDag {
  readonly entries: TestEntry[] = [];

  constructor(readonly store: StoreId) {}

  write({ author, prev, deps, hlc, ops }: TestWrite): TestEntry {
    const parents = [...(prev === undefined ? [] : [prev]), ...deps.filter((dep) => dep !== prev)];
    const earliest = parents.reduce<Hlc>((time, parent) => hlcMax(time, hlcNext(parent.time)), hlcZero);
    const claimed = hlc ?? earliest;
    const seq = (prev?.seq ?? 0) + 1;
    const place = this.entries.length;
    const entry: TestEntry = {
      author,
      seq,
      hash: hashOf(author, seq, prev?.hash ?? this.store, claimed, parents, ops, place),
      hlc: claimed,
      time: hlcMax(claimed, earliest),
      ref: place as LocalRef,
      operations: ops.map((op, index) => ({ index, op })),
      place,
      prev,
      deps: parents.filter((parent) => parent !== prev),
      past: parents.reduce((past, parent) => past | parent.past | (1n << BigInt(parent.place)), 0n),
    };
    this.entries.push(entry);
    return entry;
  }

  of(author: NodeId): TestEntry[] {
    return this.entries.filter((entry) => equalBytes(entry.author, author));
  }
}

export function sees(entry: TestEntry, other: TestEntry): boolean {
  return ((entry.past >> BigInt(other.place)) & 1n) === 1n;
}

/** Whether an entry is another or its chain ancestor. */
export function leadsTo(entry: TestEntry, last: TestEntry): boolean {
  for (let at: TestEntry | undefined = last; at !== undefined; at = at.prev) if (at === entry) return true;
  return false;
}

/** Matches on all three, else it is missing. */
export function find(holding: Iterable<TestEntry>, { author, seq, hash }: EntryRef): TestEntry | undefined {
  for (const entry of holding) {
    if (equalBytes(entry.hash, hash))
      return entry.seq === seq && equalBytes(entry.author, author) ? entry : undefined;
  }
  return undefined;
}

/** The entries and all their ancestors. */
export function closure(entries: Iterable<TestEntry>): Set<TestEntry> {
  const closed = new Set<TestEntry>();
  const toVisit = [...entries];
  for (let entry = toVisit.pop(); entry !== undefined; entry = toVisit.pop()) {
    if (closed.has(entry)) continue;
    closed.add(entry);
    if (entry.prev !== undefined) toVisit.push(entry.prev);
    toVisit.push(...entry.deps);
  }
  return closed;
}

/** Those that no other of them sees. */
export function headsOf(holding: Iterable<TestEntry>): TestEntry[] {
  const entries = [...holding];
  return entries.filter((entry) => !entries.some((other) => sees(other, entry)));
}

/** What a node that holds these hands to `evaluateMesh`. `onAsked` hears of each question about causality. */
export function historyOf(
  mesh: Pick<MeshHistory, 'id' | 'genesis'>,
  holding: Iterable<TestEntry>,
  onAsked: () => void = () => undefined,
): MeshHistory {
  const byHash = new Map([...holding].map((entry) => [entry.hash.join(), entry]));
  const held = (ref: EntryRef): TestEntry => {
    const entry = byHash.get(ref.hash.join());
    if (entry === undefined) throw new Error('asked about an entry that is not there');
    return entry;
  };
  return {
    ...mesh,
    entries: [...byHash.values()].filter(({ operations }) => operations.length > 0),
    sees: (entry, other) => {
      onAsked();
      return sees(entry as TestEntry, other as TestEntry);
    },
    seesNamed: (entry, named) => {
      const other = find(byHash.has(named.hash.join()) ? [held(named)] : [], named);
      return other !== undefined && sees(entry as TestEntry, other);
    },
    leadsTo: (entry, last) => {
      onAsked();
      return leadsTo(entry as TestEntry, held(last));
    },
  };
}

/** Binds all that the real hash binds, in a layout of this test's own; `place` keeps equal writes apart. */
function hashOf(
  author: NodeId,
  seq: number,
  prev: Uint8Array,
  hlc: Hlc,
  parents: readonly TestEntry[],
  ops: readonly MeshOp[],
  place: number,
): TestEntry['hash'] {
  const writer = new ByteWriter().raw(author).varint(seq).raw(prev).bigU64(hlc).varint(place);
  for (const { hash } of [...parents].sort((a, b) => compareBytes(a.hash, b.hash))) writer.raw(hash);
  for (const op of ops) writer.prefixed(encodeMeshOp(op));
  return blake3('entry', writer.view());
}
