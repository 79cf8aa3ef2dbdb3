import {
  assert,
  type Bundle,
  type DescribedOp,
  type Hash,
  type Hlc,
  type LocalRef,
  type NodeId,
} from '@lattice/model';
import type { DagIndex } from './dag-index.js';
import type { EntryRecord } from './entry-record.js';
import { HistoryWalk, type Step } from './history-walk.js';
import type { LogReader } from './log-reader.js';
import { type AnyMachine, readOperations } from './operations.js';

/** How many operations of an entry are told, and how much of their values. */
const operationsMax = 16;
const valueBytesMax = 1_024;

/**
 * Pages begin small, since most readers want a few entries, and nobody else has a turn while one is read. They grow as long as what
 * is decoded for one stays small, and shrink where it does not.
 */
const pageFirst = 16;
const pageMax = 256;
const decodedBytesMax = 2 * 1024 * 1024;

/** An entry of the DAG, as histories tell it. */
export interface HistoryEntry {
  readonly entry: Hash;
  readonly author: NodeId;
  readonly seq: number;
  readonly time: Hlc;
  /** Entries that come directly before it: `prev` where there is one, then what else it names. */
  readonly deps: readonly Hash[];
  /** Whether nothing comes after it yet. */
  readonly head: boolean;
  /** Whether it is applied: so is what the mesh allows. */
  readonly counts: boolean;
  /** Whether it has no effect, as its author issued it again. */
  readonly replaced: boolean;
  /** The entry that it issues again. */
  readonly instead?: Hash;
  /** Whether another entry of the author has the same seq. */
  readonly forked: boolean;
  /** The first of them. None: it is a merge of others. */
  readonly operations: readonly HistoryOperation[];
  /** How many there are in all. */
  readonly operationCount: number;
}

/** An operation in words; "invalid" what no node can read, "unknown" what a newer version wrote. */
export interface HistoryOperation extends DescribedOp {
  /** Of the whole value, of which there may be only the beginning. */
  readonly valueBytes: number;
}

/**
 * All entries in the DAG, newest first by (time, author, entry hash), which is the same on all nodes that have them. The
 * order comes from the index; what entries do comes from the log, page by page, so that each bundle is decoded once a page
 * however its entries lie between those of others.
 */
export function* history(
  index: DagIndex,
  reader: LogReader,
  machine: AnyMachine | undefined,
): Generator<HistoryEntry> {
  const walk = new HistoryWalk(index);
  for (let size = pageFirst; ;) {
    const page = walk.take(size);
    if (page.length === 0) return;
    const { entries, decodedBytes } = withOperations(page, index, reader, machine);
    yield* entries;
    size = decodedBytes > decodedBytesMax ? Math.ceil(size / 4) : Math.min(2 * size, pageMax);
  }
}

/** Whether the author has another entry at that place of its chain. */
export function isForked(index: DagIndex, author: NodeId, seq: number): boolean {
  let branches = 0;
  for (const { firstSeq, tipSeq } of index.chains.of(author))
    if (seq >= firstSeq && seq <= tipSeq) branches++;
  return branches > 1;
}

function withOperations(
  page: readonly Step[],
  index: DagIndex,
  reader: LogReader,
  machine: AnyMachine | undefined,
): { readonly entries: readonly HistoryEntry[]; readonly decodedBytes: number } {
  const done = new Map<LocalRef, Operations>();
  let decodedBytes = 0;
  let offset: number | undefined;
  for (const { record } of [...page].sort((a, b) => a.record.offset - b.record.offset)) {
    if (record.offset !== offset) decodedBytes += bytesOf(reader.bundle(record.offset));
    ({ offset } = record);
    done.set(record.ref, operationsOf(record, reader, machine));
  }
  const entries = page.map(({ record, deps, head }) => {
    const operations = done.get(record.ref);
    assert(operations, 'each entry of the page was looked up');
    const { author } = index.chains.at(record.chain);
    const { seq, time, hash: entry, counted: counts, replaced } = record;
    return {
      entry,
      author,
      seq,
      time,
      deps,
      head,
      counts,
      replaced,
      forked: isForked(index, author, seq),
      ...operations,
    };
  });
  return { entries, decodedBytes };
}

function bytesOf({ entries }: Bundle): number {
  return entries.reduce((sum, { payload }) => sum + payload.length, 0);
}

type Operations = Pick<HistoryEntry, 'instead' | 'operations' | 'operationCount'>;

function operationsOf(
  { offset, index }: EntryRecord,
  reader: LogReader,
  machine: AnyMachine | undefined,
): Operations {
  const entry = reader.bundle(offset).entries[index];
  assert(entry, 'the index names entries that their bundles have');
  const instead = entry.instead && { instead: entry.instead };
  if (entry.payload.length === 0) return { ...instead, operations: [], operationCount: 0 };
  const read = machine ? readOperations(machine, entry.payload) : unreadable;
  if (read.kind !== 'operations') {
    const op = read.kind === 'invalid' ? 'invalid' : 'unknown';
    return { ...instead, operations: [{ op, valueBytes: 0 }], operationCount: 1 };
  }
  const told = read.operations.slice(0, operationsMax);
  return {
    ...instead,
    operations: told.map((operation) => shortened(machine?.describe?.(operation) ?? { op: 'operation' })),
    operationCount: read.operations.length,
  };
}

const unreadable = { kind: 'newer' } as const;

/** Copies, so that a page does not hold on to the bundles that it came from. */
function shortened({ op, key, value }: DescribedOp): HistoryOperation {
  return {
    op,
    ...(key && { key: key.slice() }),
    ...(value && { value: value.slice(0, valueBytesMax) }),
    valueBytes: value?.length ?? 0,
  };
}
