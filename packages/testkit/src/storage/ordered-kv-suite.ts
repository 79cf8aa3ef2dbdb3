import { utf8 } from '@lattice/model';
import type { OrderedKv, Table } from '@lattice/storage';
import { expectRefused, expectSame } from './expectations.js';
import { behavesAsASortedList } from './ordered-kv-property.js';
import { snapshotBehaviours } from './ordered-kv-snapshots.js';
import { casesOver, type StorageCase, type StorageRig } from './storage-case.js';

/** What every `OrderedKv` does. */
export function orderedKvSuite(openRig: () => Promise<StorageRig<OrderedKv>>): readonly StorageCase[] {
  return [pairs, transactions, tables, snapshotBehaviours].flatMap((behaviours) =>
    casesOver(openRig, behaviours),
  );
}

type Behaviours = Readonly<Record<string, (rig: StorageRig<OrderedKv>) => Promise<void>>>;

const key = (...bytes: number[]) => Uint8Array.from(bytes);
const value = utf8('value');

const pairs: Behaviours = {
  'what was put is there until it is removed': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    expectSame(table.get(key(1)), undefined, 'a key that was never put');
    kv.transaction(() => {
      table.put(key(1), utf8('first'));
      table.put(key(1), utf8('second'));
      table.put(key(2), new Uint8Array(0));
      table.remove(key(3));
    });
    expectSame(table.get(key(1)), utf8('second'), 'a value put over another');
    expectSame(table.get(key(2)), new Uint8Array(0), 'an empty value');
    kv.transaction(() => table.remove(key(1)));
    expectSame(table.get(key(1)), undefined, 'a removed key');
  },

  'keys are ordered bytewise, in ranges of either direction': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    const keys = [key(0), key(0, 0), key(0, 1), key(1), key(1, 255), key(128), key(255), key(255, 255)];
    kv.transaction(() => keys.toReversed().forEach((k) => table.put(k, value)));
    const found = (options?: Parameters<Table['range']>[0]) => [...table.range(options)].map(([k]) => k);
    expectSame(found(), keys, 'all');
    expectSame(found({ reverse: true }), keys.toReversed(), 'all, backwards');
    expectSame(found({ gte: key(0, 1), lt: key(128) }), keys.slice(2, 5), 'a part');
    expectSame(
      found({ gte: key(0, 1), lt: key(128), reverse: true }),
      keys.slice(2, 5).toReversed(),
      'backwards',
    );
    expectSame(found({ gte: key(0, 0, 5), lt: key(200) }), keys.slice(2, 6), 'bounds that are no keys');
    expectSame(
      found({ gte: key(0, 0, 5), lt: key(200), reverse: true }),
      keys.slice(2, 6).toReversed(),
      'backwards',
    );
    expectSame(found({ limit: 3 }), keys.slice(0, 3), 'the first three');
    expectSame(found({ limit: 3, reverse: true }), keys.slice(-3).toReversed(), 'the last three');
    expectSame(found({ limit: 0 }), [], 'none');
    expectSame(found({ gte: key(2), lt: key(1) }), [], 'nothing between bounds that cross');
    expectSame(found({ gte: key(2), lt: key(1), reverse: true }), [], 'backwards');
    expectSame(found({ gte: new Uint8Array(0), lt: key(0, 0) }), [key(0)], 'from before the first key');
    expectSame(found({ lt: new Uint8Array(0) }), [], 'what is less than nothing');
    expectSame(
      found({ gte: new Uint8Array(0), reverse: true }),
      keys.toReversed(),
      'backwards to the first key',
    );
  },

  'bytes are copied in and out, and are plain Uint8Arrays': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    const [k, v] = [key(1), utf8('kept')];
    kv.transaction(() => table.put(k, v));
    k.fill(9);
    v.fill(9);
    const read = table.get(key(1));
    kv.transaction(() => table.put(key(2), utf8('other')));
    table.get(key(2));
    expectSame(read, utf8('kept'), 'a value that was read before another');
    read?.fill(8);
    for (const [rangeKey, rangeValue] of table.range()) {
      expectSame([rangeKey.constructor, rangeValue.constructor], [Uint8Array, Uint8Array], 'their class');
      rangeKey.fill(7);
      rangeValue.fill(7);
    }
    expectSame(read?.constructor === Uint8Array, true, 'its class is Uint8Array');
    expectSame(
      [...table.range()],
      [
        [key(1), utf8('kept')],
        [key(2), utf8('other')],
      ],
      'what it holds',
    );
  },

  'values may be large and ranges long': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    const large = (i: number) => new Uint8Array(200_000 + i).fill(i);
    const name = (i: number) => utf8(`key ${String(i).padStart(5, '0')}`);
    kv.transaction(() => {
      for (let i = 0; i < 1500; i++) table.put(name(i), i % 300 === 0 ? large(i % 251) : utf8(String(i)));
    });
    expectSame(table.get(name(300))?.length, 200_049, 'the length of a large value');
    expectSame(table.get(name(301)), utf8('301'), 'a small value read after it');
    const names = Array.from({ length: 1500 }, (_, i) => name(i));
    expectSame(
      [...table.range()].map(([k]) => k),
      names,
      'all keys',
    );
    expectSame(
      [...table.range({ reverse: true, limit: 700 })].map(([k]) => k),
      names.slice(800).toReversed(),
      'the last',
    );
    expectSame([...table.range({ limit: 301 })].at(-1)?.[1].length, 200_049, 'the last value of a range');
  },

  'ranges may be left in the middle, and what they showed removed': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    kv.transaction(() => {
      for (let i = 0; i < 1000; i++) table.put(key(i >> 8, i & 255), value);
    });
    for (const _ of table.range()) break;
    const abandoned = table.range()[Symbol.iterator]();
    abandoned.next();
    kv.transaction(() => {
      for (const [k] of table.range({ gte: key(1), lt: key(3) })) table.remove(k);
    });
    expectSame([...table.range()].length, 1000 - 512, 'how many are left');
    kv.transaction(() => {
      for (const [k] of table.range({ reverse: true })) table.remove(k);
    });
    expectSame([...table.range()], [], 'what is left');
  },

  'keys have 1 to 1,900 bytes': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    const longest = new Uint8Array(1900).fill(255);
    kv.transaction(() => table.put(longest, value));
    expectSame(table.get(longest), value, 'the value of the longest key');
    expectSame([...table.range({ gte: longest })].length, 1, 'a range from the longest key on');
    for (const wrong of [new Uint8Array(0), new Uint8Array(1901)]) {
      await expectRefused(() => table.get(wrong), `reading a key of ${wrong.length} bytes`);
      await expectRefused(
        () => kv.transaction(() => table.put(wrong, value)),
        `a key of ${wrong.length} bytes`,
      );
      await expectRefused(() => kv.transaction(() => table.remove(wrong)), `removing ${wrong.length} bytes`);
    }
    await expectRefused(() => [...table.range({ gte: new Uint8Array(1901) })], 'a bound of 1,901 bytes');
  },

  'whatever is written and read, it is as a sorted list would be': behavesAsASortedList,
};

const transactions: Behaviours = {
  'a transaction returns what its work returned, and its writes stay': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    expectSame(
      kv.transaction(() => (table.put(key(1), value), 'result')),
      'result',
      'what it returns',
    );
    expectSame(table.get(key(1)), value, 'what it wrote');
  },

  'a transaction that throws has changed nothing, in any table': async (rig) => {
    await using kv = await rig.open();
    const [a, b] = [kv.table('a'), kv.table('b')];
    kv.transaction(() => a.put(key(1), value));
    const failure = new Error('no');
    let thrown: unknown;
    try {
      kv.transaction(() => {
        a.put(key(1), utf8('changed'));
        a.put(key(2), value);
        b.put(key(3), value);
        a.remove(key(1));
        throw failure;
      });
    } catch (error) {
      thrown = error;
    }
    expectSame(thrown === failure, true, 'the error is passed on');
    expectSame([...a.range()], [[key(1), value]], 'one table');
    expectSame([...b.range()], [], 'the other');
    kv.transaction(() => b.put(key(4), value));
    expectSame(b.get(key(4)), value, 'the next transaction works');
  },

  'a transaction sees its own writes': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    kv.transaction(() => [1, 2, 3].forEach((byte) => table.put(key(byte), value)));
    kv.transaction(() => {
      table.remove(key(2));
      table.put(key(4), utf8('new'));
      expectSame(table.get(key(2)), undefined, 'a key removed in it');
      expectSame(table.get(key(4)), utf8('new'), 'a key put in it');
      expectSame(
        [...table.range()].map(([k]) => k),
        [key(1), key(3), key(4)],
        'a range',
      );
    });
  },

  'writes outside of a transaction, and transactions in a transaction, are refused': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    await expectRefused(() => table.put(key(1), value), 'a put');
    await expectRefused(() => table.remove(key(1)), 'a removal');
    await expectRefused(() => kv.transaction(() => kv.transaction(() => undefined)), 'a nested transaction');
    await expectRefused(() => within(kv, () => kv.clear()), 'clearing in a transaction');
    await expectRefused(() => within(kv, () => kv.dropTable('t')), 'dropping a table in a transaction');
    await expectRefused(
      () => kv.transaction(() => (table.put(key(1), value), Promise.resolve())),
      'asynchronous work',
    );
    expectSame(table.get(key(1)), undefined, 'what was refused');
  },
};

/** What became of something that was begun in a transaction. */
function within(kv: OrderedKv, begin: () => Promise<void>): Promise<void> {
  const begun: Promise<void>[] = [];
  kv.transaction(() => void begun.push(begin()));
  return begun[0] as Promise<void>;
}

const tables: Behaviours = {
  'tables are apart, and found by name': async (rig) => {
    await using kv = await rig.open();
    const [a, b] = [kv.table('a'), kv.table('some.long-name.0')];
    kv.transaction(() => {
      a.put(key(1), utf8('a'));
      b.put(key(1), utf8('b'));
    });
    expectSame(kv.table('a').get(key(1)), utf8('a'), 'one');
    expectSame(kv.table('some.long-name.0').get(key(1)), utf8('b'), 'the other');
    for (const wrong of ['', 'A', 'a b', 'a'.repeat(65), 'ä', '_']) {
      await expectRefused(() => kv.table(wrong), `a table called "${wrong}"`);
    }
  },

  'a dropped table is gone, and made again it is empty': async (rig) => {
    await using kv = await rig.open();
    const [dropped, kept] = [kv.table('dropped'), kv.table('kept')];
    kv.transaction(() => [dropped, kept].forEach((table) => table.put(key(1), value)));
    await kv.dropTable('dropped');
    await kv.dropTable('never-made');
    await expectRefused(() => dropped.get(key(1)), 'reading it');
    await expectRefused(() => [...dropped.range()], 'a range of it');
    await expectRefused(() => kv.transaction(() => dropped.put(key(1), value)), 'writing to it');
    expectSame([...kv.table('dropped').range()], [], 'what it holds when made again');
    expectSame(kept.get(key(1)), value, 'another table');
  },

  'tables come and go without end': async (rig) => {
    await using kv = await rig.open();
    for (let i = 0; i < 150; i++) {
      const table = kv.table(`generation-${i}`);
      kv.transaction(() => table.put(key(1), value));
      await kv.dropTable(`generation-${i}`);
    }
    expectSame([...kv.table('generation-149').range()], [], 'the last of them');
  },

  'clearing removes all tables': async (rig) => {
    {
      await using kv = await rig.open();
      for (const name of ['a', 'b']) {
        const table = kv.table(name);
        kv.transaction(() => table.put(key(1), value));
      }
    }
    await using kv = await rig.open();
    const a = kv.table('a');
    await kv.clear();
    await expectRefused(() => a.get(key(1)), 'reading a table that was cleared away');
    for (const name of ['a', 'b']) expectSame([...kv.table(name).range()], [], `table ${name}`);
  },

  'what was committed is there when it is opened again': async (rig) => {
    {
      await using kv = await rig.open();
      const table = kv.table('t');
      kv.transaction(() => table.put(key(1), value));
      await kv.flush();
      kv.transaction(() => table.put(key(2), value));
    }
    await using kv = await rig.open();
    expectSame(
      [...kv.table('t').range()],
      [
        [key(1), value],
        [key(2), value],
      ],
      'what it holds',
    );
  },

  'closing twice is as good as once, and then it is of no more use': async (rig) => {
    const kv = await rig.open();
    const table = kv.table('t');
    await kv[Symbol.asyncDispose]();
    await kv[Symbol.asyncDispose]();
    await expectRefused(() => table.get(key(1)), 'reading');
    await expectRefused(() => [...table.range()], 'a range');
    await expectRefused(() => kv.transaction(() => undefined), 'a transaction');
    await expectRefused(() => kv.table('u'), 'a table');
  },
};
