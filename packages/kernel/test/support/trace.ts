import type { Replica } from '@lattice/kernel';
import {
  type Applied,
  concatBytes,
  type InvalidOp,
  type LocalDot,
  type LocalRef,
  type StateMachine,
  type StateTxn,
  toHex,
} from '@lattice/model';
import { ByteReader, ByteWriter } from '@lattice/proto';
import { type HistoryOperation, operationSees } from '@lattice/testkit';

/** An operation that says one thing. */
export interface TraceOp {
  readonly word: number;
}

/**
 * A machine that shows what it is given: it keeps each operation with all that it was told of it, and which of the
 * operations before it it sees. An odd one out that the kernel gives twice, or not at all, shows.
 */
export const traceMachine: StateMachine<TraceOp> = {
  type: 'trace',
  version: 1,
  decode: decodeTrace,
  apply(op: TraceOp, at: Applied, state: StateTxn): void {
    const seen: LocalDot[] = [];
    for (const [key] of state.range()) if (at.sees(dotOf(key))) seen.push(dotOf(key));
    const key = new ByteWriter(16).u64(at.ref).u32(at.op).finish();
    if (state.get(key)) throw new Error('the same operation was applied twice');
    const writer = new ByteWriter(64)
      .u8(op.word)
      .bigU64(at.time)
      .raw(at.author)
      .raw(at.dot.entry)
      .varint(seen.length);
    for (const dot of seen) writer.varint(dot.ref).varint(dot.op);
    state.put(key, writer.finish());
  },
};

/** The same machine after an upgrade: it reads what version 1 skipped. */
export const traceMachine2: StateMachine<TraceOp> = { ...traceMachine, version: 2 };

/** The same machine, that forgets at once what it is given: for much. */
export const blindMachine: StateMachine<TraceOp> = { ...traceMachine, apply: () => undefined };

export function encodeTrace(operations: readonly TraceOp[]): Uint8Array {
  return concatBytes(...operations.map(({ word }) => Uint8Array.of(1, word)));
}

export function words(...all: readonly number[]): Uint8Array {
  return encodeTrace(all.map((word) => ({ word })));
}

/** Every operation that was applied, in the order that all nodes agree on, aliases resolved. */
export function viewTrace(replica: Replica): readonly unknown[] {
  const name = ({ ref, op }: LocalDot): string => `${toHex(replica.info(ref).hash)} ${op}`;
  const rows = [...replica.state.range()].map(([key, value]) => {
    const reader = new ByteReader(value);
    const [word, time] = [reader.u8(), reader.bigU64()];
    const [author, entry] = [toHex(reader.raw(32)), toHex(reader.raw(32))];
    const seen = Array.from({ length: reader.varint() }, () =>
      name({ ref: reader.varint() as LocalRef, op: reader.varint() }),
    );
    return { time, author, entry, op: dotOf(key).op, word, sees: seen.sort() };
  });
  return rows.sort(
    (a, b) => Number(a.time > b.time) - Number(a.time < b.time) || (keyOf(a) < keyOf(b) ? -1 : 1),
  );
}

/** What `viewTrace` must show. */
export function expectedTrace(operations: readonly HistoryOperation<TraceOp>[]): readonly unknown[] {
  return operations.map((one) => ({
    time: one.at.time,
    author: toHex(one.at.entry.author),
    entry: toHex(one.at.hash),
    op: one.index,
    word: one.op.word,
    sees: operations
      .filter((other) => operationSees(one, other))
      .map(({ at, index }) => `${toHex(at.hash)} ${index}`)
      .sort(),
  }));
}

/** The words of all operations applied, sorted. */
export function wordsOf(replica: Replica): number[] {
  return [...replica.state.range()].map(([, value]) => value[0] as number).sort((a, b) => a - b);
}

function decodeTrace(bytes: Uint8Array): readonly TraceOp[] | InvalidOp {
  const operations: TraceOp[] = [];
  for (let at = 0; at < bytes.length; at += 2) {
    const word = bytes[at + 1];
    if (bytes[at] !== 1 || word === undefined) return { kind: 'invalid-op', reason: 'not a word' };
    operations.push({ word });
  }
  return operations;
}

function dotOf(key: Uint8Array): LocalDot {
  const reader = new ByteReader(key);
  return { ref: reader.u64() as LocalRef, op: reader.u32() };
}

function keyOf({
  author,
  entry,
  op,
}: {
  readonly author: string;
  readonly entry: string;
  readonly op: number;
}): string {
  return `${author} ${entry} ${String(op).padStart(8, '0')}`;
}
