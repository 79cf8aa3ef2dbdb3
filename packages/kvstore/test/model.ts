import type { Replica } from '@lattice/kernel';
import { type Kv, kvHandle, type KvOp } from '@lattice/kvstore';
import { compareBytes, toHex } from '@lattice/model';
import { type HistoryOperation, operationSees } from '@lattice/testkit';
import fc from 'fast-check';

/** Few keys, so that writes meet; of several lengths, one a prefix of another. */
const keys = ['a', 'ab', 'b', 'ÿÿ'].map((text) => new TextEncoder().encode(text));

export const kvOperation: fc.Arbitrary<KvOp> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.constantFrom(...keys), fc.uint8Array({ maxLength: 3 }))
      .map(([key, value]): KvOp => ({ kind: 'put', key, value })),
  },
  { weight: 1, arbitrary: fc.constantFrom(...keys).map((key): KvOp => ({ kind: 'delete', key })) },
);

/** One key as `viewOf` and `expectedView` say it. */
interface KeyView {
  readonly key: string;
  /** The winner's, as a reader gets it; `undefined` where it deleted the key. */
  readonly value: string | undefined;
  readonly conflicted: boolean;
  /** The winner first. */
  readonly heads: readonly string[];
}

/** Everything that a handle shows. */
export function viewOf(replica: Replica): readonly KeyView[] {
  const kv: Kv = kvHandle(replica);
  const listed = new Map([...kv.list()].map((item) => [toHex(item.key), item]));
  return keys.flatMap((key) => {
    const heads = kv.heads(key);
    if (heads.length === 0) return [];
    const item = listed.get(toHex(key));
    return [
      {
        key: toHex(key),
        value: item && toHex(item.value),
        conflicted: item ? item.conflicted : heads.length > 1,
        heads: heads.map(({ value, author, time, entry, op }) =>
          [value ? toHex(value) : 'deleted', toHex(author), time, toHex(entry), op].join(' '),
        ),
      },
    ];
  });
}

/** What it must be, straight from the DAG: a key's heads are the writes of it that no other write of it sees. */
export function expectedView(operations: readonly HistoryOperation<KvOp>[]): readonly KeyView[] {
  return [...keys].flatMap((key) => {
    const writes = operations.filter(({ op }) => compareBytes(op.key, key) === 0);
    const heads = writes.filter((write) => !writes.some((other) => operationSees(other, write))).reverse();
    const [winner] = heads;
    if (!winner) return [];
    return [
      {
        key: toHex(key),
        value: winner.op.kind === 'put' ? toHex(winner.op.value) : undefined,
        conflicted: heads.length > 1,
        heads: heads.map(({ op, index, at }) =>
          [
            op.kind === 'put' ? toHex(op.value) : 'deleted',
            toHex(at.entry.author),
            at.time,
            toHex(at.hash),
            index,
          ].join(' '),
        ),
      },
    ];
  });
}
