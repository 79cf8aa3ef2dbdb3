import { compareBytes, type RangeOptions, toHex } from '@lattice/model';
import type { OrderedKv, Table } from '@lattice/storage';
import fc from 'fast-check';
import { expectSame } from './expectations.js';
import type { StorageRig } from './storage-case.js';

const runs = 60;
const tableNames = ['a', 'b'] as const;

/** Few and short, so that they meet. */
const key = fc.uint8Array({ minLength: 1, maxLength: 2 }).map((bytes) => bytes.map((byte) => byte & 0x83));
const value = fc.uint8Array({ maxLength: 20 });
const range = fc.record(
  { gte: key, lt: key, reverse: fc.boolean(), limit: fc.nat(12) },
  { requiredKeys: [] },
);
const write = fc.record({ table: fc.constantFrom(...tableNames), key, value: fc.option(value) });
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ writes: fc.array(write, { maxLength: 12 }), fails: fc.boolean() }) },
  { weight: 4, arbitrary: fc.record({ range, table: fc.constantFrom(...tableNames) }) },
  { weight: 1, arbitrary: fc.record({ drop: fc.constantFrom(...tableNames) }) },
  { weight: 1, arbitrary: fc.record({ reopen: fc.constant(true) }) },
);

/** One store goes through all runs: each begins where the one before left it. */
export async function behavesAsASortedList(rig: StorageRig<OrderedKv>): Promise<void> {
  const naive = new Map<string, NaiveTable>(tableNames.map((name) => [name, new NaiveTable()]));
  let kv = await rig.open();
  const check = (options: RangeOptions, name: string) => {
    expectSame(
      [...kv.table(name).range(options)],
      naive.get(name)?.range(options),
      `range ${JSON.stringify(options)}`,
    );
  };
  try {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 15 }), async (steps) => {
        for (const one of steps) {
          if ('writes' in one) applyBoth(kv, naive, one.writes, one.fails);
          else if ('range' in one) check(one.range, one.table);
          else if ('drop' in one) {
            await kv.dropTable(one.drop);
            naive.set(one.drop, new NaiveTable());
          } else {
            await kv[Symbol.asyncDispose]();
            kv = await rig.open();
          }
        }
        for (const name of tableNames) for (const reverse of [false, true]) check({ reverse }, name);
      }),
      { numRuns: runs, endOnFailure: true },
    );
  } finally {
    await kv[Symbol.asyncDispose]();
  }
}

interface Write {
  readonly table: string;
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

class Abort extends Error {}

function applyBoth(
  kv: OrderedKv,
  naive: Map<string, NaiveTable>,
  writes: readonly Write[],
  fails: boolean,
): void {
  const tables = new Map<string, Table>(tableNames.map((name) => [name, kv.table(name)]));
  const after = new Map([...naive].map(([name, table]) => [name, new NaiveTable(table.pairs)]));
  try {
    kv.transaction(() => {
      for (const { table: name, key: written, value: content } of writes) {
        const [table, model] = [tables.get(name), after.get(name)];
        if (content === null) table?.remove(written);
        else table?.put(written, content);
        model?.write(written, content);
        expectSame(table?.get(written), model?.get(written), 'read in the transaction');
      }
      if (fails) throw new Abort();
    });
  } catch (error) {
    if (!(error instanceof Abort)) throw error;
    return;
  }
  for (const [name, table] of after) naive.set(name, table);
}

/** The plainest thing that could be right. */
class NaiveTable {
  readonly pairs: Map<string, readonly [Uint8Array, Uint8Array]>;

  constructor(pairs: Iterable<readonly [string, readonly [Uint8Array, Uint8Array]]> = []) {
    this.pairs = new Map(pairs);
  }

  write(written: Uint8Array, content: Uint8Array | null): void {
    if (content === null) this.pairs.delete(toHex(written));
    else this.pairs.set(toHex(written), [written, content]);
  }

  get(wanted: Uint8Array): Uint8Array | undefined {
    return this.pairs.get(toHex(wanted))?.[1];
  }

  range({ gte, lt, reverse, limit = Infinity }: RangeOptions) {
    const sorted = [...this.pairs.values()]
      .filter(
        ([k]) =>
          (gte === undefined || compareBytes(k, gte) >= 0) && (lt === undefined || compareBytes(k, lt) < 0),
      )
      .sort(([a], [b]) => compareBytes(a, b));
    return (reverse ? sorted.toReversed() : sorted).slice(0, limit);
  }
}
