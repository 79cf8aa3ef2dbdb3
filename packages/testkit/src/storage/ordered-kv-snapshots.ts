import { type StateView, utf8 } from '@lattice/model';
import { kvSnapshotsMax, type OrderedKv, type Table } from '@lattice/storage';
import { settled } from '../time/system-ports.js';
import { expectRefused, expectSame } from './expectations.js';
import type { StorageRig } from './storage-case.js';

const key = (i: number) => Uint8Array.of(i >> 8, i & 255);
const value = utf8('value');
const large = new Uint8Array(5_000).fill(7);

/** What a snapshot of an `OrderedKv` holds, whatever happens to the tables, in this turn of the event loop and in later ones. */
export const snapshotBehaviours: Readonly<Record<string, (rig: StorageRig<OrderedKv>) => Promise<void>>> = {
  'a snapshot shows what was there, whatever is written since': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    fill(kv, table, 600, value);
    using snapshot = kv.snapshot();
    const then = snapshot.table('t');
    kv.transaction(() => {
      for (let i = 0; i < 600; i += 2) table.put(key(i), large);
      for (let i = 1; i < 600; i += 2) table.remove(key(i));
      table.put(key(9_999), value);
    });
    expectHeld(then, 600);
    expectSame(then.get(key(9_999)), undefined, 'a key that was put since');
    expectSame(
      [...then.range({ gte: key(10), lt: key(14), reverse: true, limit: 3 })].map(([k]) => k),
      [key(13), key(12), key(11)],
      'a part, backwards',
    );
    expectSame(table.get(key(0)), large, 'what the table itself shows');
    expectSame([...table.range()].length, 301, 'how much the table itself shows');
  },

  'a snapshot stays what it is in later turns, and while a range of it is read': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    fill(kv, table, 600, value);
    using snapshot = kv.snapshot();
    let seen = 0;
    for (const [k, v] of snapshot.table('t').range()) {
      expectSame([k, v], [key(seen++), value], 'a pair');
      if (seen % 100 > 0) continue;
      fill(kv, table, 700, utf8(`changed ${seen}`));
      await settled();
    }
    expectSame(seen, 600, 'how many pairs');
    expectSame(snapshot.table('t').get(key(3)), value, 'a single one');
  },

  'snapshots of several moments each show their own': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    const taken = [];
    for (let i = 0; i < 5; i++) {
      kv.transaction(() => table.put(key(1), Uint8Array.of(i)));
      taken.push(kv.snapshot(), kv.snapshot());
      if (i % 2 === 0) await settled();
    }
    taken.splice(4, 1).forEach((snapshot) => snapshot[Symbol.dispose]());
    const shown = taken.map((snapshot) => snapshot.table('t').get(key(1))?.[0]);
    expectSame(shown, [0, 0, 1, 1, 2, 3, 3, 4, 4], 'what they show');
    for (const snapshot of taken) snapshot[Symbol.dispose]();
    expectSame(table.get(key(1)), Uint8Array.of(4), 'what the table itself shows');
  },

  'a snapshot has the tables that there were, dropped and cleared since or not': async (rig) => {
    await using kv = await rig.open();
    const [dropped, kept] = [kv.table('dropped'), kv.table('kept')];
    for (const table of [dropped, kept]) fill(kv, table, 300, value);
    using snapshot = kv.snapshot();
    await kv.dropTable('dropped');
    await expectRefused(() => dropped.get(key(1)), 'reading the dropped table itself');
    const made = kv.table('made');
    fill(kv, made, 300, large);
    const again = kv.table('dropped');
    expectSame([...again.range()], [], 'the dropped table, made again');
    fill(kv, again, 10, large);
    await settled();
    expectHeld(snapshot.table('dropped'), 300);
    expectHeld(snapshot.table('kept'), 300);
    expectSame([...snapshot.table('made').range()], [], 'a table that was made since');
    expectSame(snapshot.table('never').get(key(1)), undefined, 'a table that never was');
    await kv.dropTable('dropped');
    {
      using later = kv.snapshot();
      expectSame([...later.table('dropped').range()], [], 'a later snapshot of the dropped table');
    }
    await kv.clear();
    expectHeld(snapshot.table('dropped'), 300);
    expectHeld(snapshot.table('kept'), 300);
  },

  'what was dropped under a snapshot is gone when that is': async (rig) => {
    await using kv = await rig.open();
    for (let i = 0; i < 100; i++) {
      const table = kv.table(`generation-${i}`);
      fill(kv, table, 3, value);
      using snapshot = kv.snapshot();
      await kv.dropTable(`generation-${i}`);
      expectHeld(snapshot.table(`generation-${i}`), 3);
    }
    expectSame([...kv.table('generation-99').range()], [], 'the last of them');
  },

  'however many tables are dropped under a snapshot, others can be made': async (rig) => {
    await using kv = await rig.open();
    const names = (generation: string) => Array.from({ length: 40 }, (_, i) => `${generation}-${i}`);
    for (const name of names('a')) fill(kv, kv.table(name), 2, value);
    using snapshot = kv.snapshot();
    for (const name of names('a')) await kv.dropTable(name);
    for (const name of names('b')) fill(kv, kv.table(name), 1, value);
    // Whoever has it may be told that it is over.
    if (snapshot.isOpen) for (const name of names('a')) expectHeld(snapshot.table(name), 2);
    else await expectRefused(() => snapshot.table('a-1').get(key(0)), 'reading one that was ended');
    for (const name of names('b')) expectHeld(kv.table(name), 1);
  },

  'a snapshot reaches back to what was there when the store was opened': async (rig) => {
    {
      await using kv = await rig.open();
      fill(kv, kv.table('t'), 3, value);
    }
    await using kv = await rig.open();
    using snapshot = kv.snapshot();
    await kv.dropTable('t');
    expectHeld(snapshot.table('t'), 3);
  },

  'snapshots are bounded, and disposed of with the store': async (rig) => {
    const kv = await rig.open();
    fill(kv, kv.table('t'), 1, value);
    const taken = [];
    for (let i = 0; i < kvSnapshotsMax; i++) {
      taken.push(kv.snapshot());
      fill(kv, kv.table('t'), 1, Uint8Array.of(i));
    }
    await expectRefused(() => kv.snapshot(), 'one too many');
    taken[5]?.[Symbol.dispose]();
    taken[5]?.[Symbol.dispose]();
    taken.push(kv.snapshot());
    await kv[Symbol.asyncDispose]();
    for (const snapshot of taken) {
      expectSame(snapshot.isOpen, false, 'whether it is open');
      await expectRefused(() => snapshot.table('t').get(key(0)), 'reading it');
      snapshot[Symbol.dispose]();
    }
    await expectRefused(() => kv.snapshot(), 'a snapshot of a closed store');
  },

  'a snapshot is of what is committed: neither taken nor read in a transaction': async (rig) => {
    await using kv = await rig.open();
    const table = kv.table('t');
    fill(kv, table, 1, value);
    using snapshot = kv.snapshot();
    kv.transaction(() => table.put(key(1), value));
    await expectRefused(() => kv.transaction(() => void kv.snapshot()), 'taking one');
    await expectRefused(() => kv.transaction(() => void snapshot.table('t').get(key(0))), 'reading one');
    expectHeld(snapshot.table('t'), 1);
  },

  'what a snapshot gives out is the caller’s': async (rig) => {
    await using kv = await rig.open();
    fill(kv, kv.table('t'), 2, value);
    using snapshot = kv.snapshot();
    const then = snapshot.table('t');
    const [first, second] = [then.get(key(0)), then.get(key(1))];
    first?.fill(0);
    expectSame(second, value, 'a value read after another');
    for (const [k, v] of then.range()) [k, v].forEach((bytes) => bytes.fill(0));
    expectHeld(then, 2);
    expectSame(then.get(key(0))?.constructor === Uint8Array, true, 'its class is Uint8Array');
  },
};

function fill(kv: OrderedKv, table: Table, count: number, content: Uint8Array): void {
  kv.transaction(() => {
    for (let i = 0; i < count; i++) table.put(key(i), content);
  });
}

/** That it holds what `fill` put there with `value`. */
function expectHeld(table: StateView, count: number): void {
  expectSame(
    [...table.range()],
    Array.from({ length: count }, (_, i) => [key(i), value]),
    'what the snapshot holds',
  );
  expectSame(table.get(key(count - 1)), value, 'a single value');
}
