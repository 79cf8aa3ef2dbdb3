import type { Replica } from '@lattice/kernel';
import { keyHistory, type Kv, kvConflicts, kvHandle, type KvOp } from '@lattice/kvstore';
import { compareBytes, toHex } from '@lattice/model';
import { type HistoryOperation, operationSees } from '@lattice/testkit';
import fc from 'fast-check';

/** Few keys, so that writes meet; of several lengths, one a prefix of another. */
export const keys = ['a', 'ab', 'b', 'ÿÿ'].map((text) => new TextEncoder().encode(text));

/** Too large to be in the state: just so, and by far. */
const large = fc.constantFrom(new Uint8Array(4_097).fill(1), new Uint8Array(9_000).fill(2));

export const kvOperation: fc.Arbitrary<KvOp> = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...keys),
        fc.oneof({ weight: 5, arbitrary: fc.uint8Array({ maxLength: 3 }) }, large),
      )
      .map(([key, value]): KvOp => ({ kind: 'put', key, value })),
  },
  { weight: 1, arbitrary: fc.constantFrom(...keys).map((key): KvOp => ({ kind: 'delete', key })) },
);

/** What `viewOf` and `expectedView` say of a store. */
interface StoreView {
  readonly keys: readonly KeyView[];
  /** Keys with more than one head. */
  readonly conflicts: number;
}

interface KeyView {
  readonly key: string;
  /** The winner's, as a reader gets it; `undefined` where it deleted the key. */
  readonly value: string | undefined;
  readonly conflicted: boolean;
  /** The winner first. */
  readonly heads: readonly string[];
  /** Newest first. */
  readonly versions: readonly string[];
}

/** Everything that a handle shows. */
export function viewOf(replica: Replica): StoreView {
  const kv: Kv = kvHandle(replica);
  const listed = new Map([...kv.list()].map((item) => [toHex(item.key), item]));
  const views = keys.flatMap((key) => {
    const heads = kv.heads(key);
    if (heads.length === 0) return [];
    const item = listed.get(toHex(key));
    return [
      {
        key: toHex(key),
        value: item && toHex(item.value),
        conflicted: item ? item.conflicted : heads.length > 1,
        heads: heads.map(({ value, author, time, entry, op }) =>
          [valueText(value), toHex(author), time, toHex(entry), op].join(' '),
        ),
        versions: [...keyHistory(replica, key)].map(({ info, value, head, deps }) =>
          versionText(info.hash, value, head, deps),
        ),
      },
    ];
  });
  return { keys: views, conflicts: kvConflicts(replica.state) };
}

/** What it must be, straight from the DAG: a key's heads are the writes of it that no other write of it sees. */
export function expectedView(operations: readonly Write[]): StoreView {
  const views = keys.flatMap((key) => {
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
          [valueText(valueOf(op)), toHex(at.entry.author), at.time, toHex(at.hash), index].join(' '),
        ),
        versions: expectedVersions(writes, heads),
      },
    ];
  });
  return { keys: views, conflicts: views.filter(({ conflicted }) => conflicted).length };
}

type Write = HistoryOperation<KvOp>;

/** Of each entry its last write; it follows those that it sees and that no other that it sees does. */
function expectedVersions(writes: readonly Write[], heads: readonly Write[]): readonly string[] {
  const last = [...new Map(writes.map((write) => [write.at, write])).values()].reverse();
  return last.map((version) => {
    const seen = last.filter((other) => operationSees(version, other));
    const direct = seen.filter((one) => !seen.some((other) => operationSees(other, one)));
    const deps = direct.map(({ at }) => at.hash);
    return versionText(version.at.hash, valueOf(version.op), heads.includes(version), deps);
  });
}

function versionText(
  entry: Uint8Array,
  value: Uint8Array | undefined,
  head: boolean,
  deps: readonly Uint8Array[],
): string {
  return [toHex(entry), valueText(value), head ? 'head' : 'past', ...deps.map(toHex)].join(' ');
}

function valueOf(op: KvOp): Uint8Array | undefined {
  return op.kind === 'put' ? op.value : undefined;
}

function valueText(value: Uint8Array | undefined): string {
  return value ? toHex(value) : 'deleted';
}
