import type { Replica } from '@lattice/kernel';
import { logHandle, type LogOp } from '@lattice/logstore';
import { toHex } from '@lattice/model';
import type { HistoryOperation } from '@lattice/testkit';
import fc from 'fast-check';

/** Short values and, now and then, one that stays in the log. */
export const logOperation: fc.Arbitrary<LogOp> = fc
  .oneof(
    { weight: 6, arbitrary: fc.uint8Array({ maxLength: 3 }) },
    { weight: 1, arbitrary: fc.nat(255).map((byte) => new Uint8Array(1_025).fill(byte)) },
  )
  .map((value) => ({ kind: 'append', value }));

/** What `viewOf` and `expectedView` say of a log. */
interface LogView {
  readonly count: number;
  readonly items: readonly string[];
}

/** Everything that a handle shows. */
export function viewOf(replica: Replica): LogView {
  const log = logHandle(replica);
  const items = [...log.range()].map(({ position, value, author, time }) =>
    [toHex(position), toHex(value), toHex(author), time].join(' '),
  );
  return { count: log.count, items };
}

/** What it must be: all that was appended, in the one order that all nodes agree on, laid out by hand. */
export function expectedView(operations: readonly HistoryOperation<LogOp>[]): LogView {
  const items = operations.map(({ op, index, at }) => {
    const author = toHex(at.entry.author);
    const time = at.time.toString(16).padStart(16, '0');
    const position = time + author + toHex(at.hash) + index.toString(16).padStart(8, '0');
    return [position, toHex(op.value), author, at.time].join(' ');
  });
  return { count: items.length, items };
}
