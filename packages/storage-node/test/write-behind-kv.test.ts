import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, utf8 } from '@lattice/model';
import { MemoryKv, MemoryKvContent, type Table } from '@lattice/storage';
import { WriteBehindKv } from '@lattice/storage-node/testing';

const [a, b, c] = [utf8('a'), utf8('b'), utf8('c')];
const value = (text: string) => utf8(text);

/** Commits beside its thread as LMDB does: nothing of it shows before it is done, which a test may put off. */
class MemoryKvBelow extends MemoryKv {
  /** How many transactions were begun beside, and whether one is under way. */
  begun = 0;
  isBusy = false;
  mayCommit = Promise.resolve();

  constructor(private readonly has: MemoryKvContent) {
    super(has);
  }

  copyTo(): Promise<void> {
    return Promise.resolve();
  }

  async transactionAside(work: () => void): Promise<void> {
    assert.ok(!this.isBusy, 'one after the other');
    this.begun++;
    this.isBusy = true;
    try {
      const before = this.has.copies();
      this.transaction(work);
      const after = this.has.copies();
      this.has.replace(before);
      await this.mayCommit;
      this.has.replace(after);
    } finally {
      this.isBusy = false;
    }
  }

  /** What is committed beside from now on is done once what this returns is called. */
  putOff(): () => void {
    const { promise, resolve } = deferred();
    this.mayCommit = promise;
    return resolve;
  }

  /** From now on, or no longer, no commit finds room. */
  fill(isFull = true): void {
    if (isFull) {
      this.has.commit = () => {
        throw new LatticeError('disk-full', 'The disk is full.');
      };
    } else Reflect.deleteProperty(this.has, 'commit');
  }
}

function deferred(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

/** A store, and what lies below it: what a crash of the process leaves. */
function rig() {
  const content = new MemoryKvContent();
  const below = new MemoryKv(content).table('t');
  const disk = new MemoryKvBelow(content);
  const kv = new WriteBehindKv(disk);
  return { disk, below, kv, table: kv.table('t') };
}

/** Whatever is under way in memory alone is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const keysOf = (table: Table) => [...table.range()].map(([key]) => Buffer.from(key).toString());

test('what was committed is read from memory, and below it is all or nothing of what was flushed', async () => {
  const { below, kv, table } = rig();
  kv.transaction(() => [a, b].forEach((key) => table.put(key, value('one'))));
  await kv.flush();
  kv.transaction(() => {
    table.put(a, value('two'));
    table.remove(b);
    table.put(c, value('two'));
  });
  assert.deepEqual([table.get(a), table.get(b), table.get(c)], [value('two'), undefined, value('two')]);
  assert.deepEqual(keysOf(table), ['a', 'c']);
  assert.deepEqual([...table.range({ reverse: true, limit: 1 })], [[c, value('two')]]);
  assert.deepEqual(keysOf(below), ['a', 'b']);
  await kv.flush();
  assert.deepEqual([...below.range()], [...table.range()]);
});

test('what many transactions write is written by itself, in transactions of its own', async () => {
  const { disk, below, kv, table } = rig();
  for (let i = 0; i < 20_000; i++) {
    kv.transaction(() => table.put(utf8(`key ${i % 9_000}`), value(`${i}`)));
    await kv.room();
  }
  const written = keysOf(below).length;
  assert.ok(written > 0, 'some of it is written');
  assert.ok(disk.begun < 10, 'each time much of it');
  assert.equal(keysOf(table).length, 9_000);
});

test('what is large does not wait for others', async () => {
  const { below, kv, table } = rig();
  for (let i = 0; i < 100; i++) {
    kv.transaction(() => table.put(utf8(`key ${i}`), new Uint8Array(200_000)));
    await kv.room();
  }
  assert.ok(keysOf(below).length > 50);
});

test('what is being written is read until it is there, and what was written over it since before it', async () => {
  const { disk, below, kv, table } = rig();
  kv.transaction(() => [a, b].forEach((key) => table.put(key, value('one'))));
  await kv.flush();
  const commit = disk.putOff();
  kv.transaction(() => {
    table.remove(a);
    table.put(b, value('two'));
  });
  const flushed = kv.flush();
  await settled();
  assert.equal(disk.isBusy, true);
  using before = kv.snapshot();
  kv.transaction(() => {
    table.put(a, value('three'));
    table.remove(c);
  });
  const now = [
    [a, value('three')],
    [b, value('two')],
  ];
  const assertShown = () => {
    assert.deepEqual([...table.range()], now);
    assert.deepEqual([...table.range({ reverse: true })], now.toReversed());
    assert.deepEqual([table.get(a), table.get(b), table.get(c)], [value('three'), value('two'), undefined]);
    const view = before.table('t');
    assert.deepEqual([...view.range()], [[b, value('two')]]);
    assert.deepEqual([view.get(a), view.get(b)], [undefined, value('two')]);
  };
  assertShown();
  assert.deepEqual(keysOf(below), ['a', 'b'], 'not there yet');
  commit();
  await flushed;
  assert.deepEqual(keysOf(below), ['b'], 'what was committed when it was asked for');
  assertShown();
  await kv.flush();
  assert.deepEqual([...below.range()], now);
  assertShown();
});

test('a transaction that throws takes nothing back of what is being written', async () => {
  const { disk, below, kv, table } = rig();
  const commit = disk.putOff();
  kv.transaction(() => table.put(a, value('one')));
  const flushed = kv.flush();
  await settled();
  const failing = () =>
    kv.transaction(() => {
      table.put(a, value('no'));
      throw new Error('no');
    });
  assert.throws(failing, /no/);
  assert.deepEqual(table.get(a), value('one'));
  commit();
  await flushed;
  assert.deepEqual([table.get(a), below.get(a)], [value('one'), value('one')]);
});

test('a table is dropped once what is pending, and what is being written, is there', async () => {
  const { disk, below, kv, table } = rig();
  const other = kv.table('other');
  kv.transaction(() => other.put(a, value('one')));
  const commit = disk.putOff();
  const flushed = kv.flush();
  await settled();
  kv.transaction(() => [table, other].forEach((one) => one.put(b, value('two'))));
  const dropped = kv.dropTable('other');
  await settled();
  assert.deepEqual(other.get(a), value('one'));
  commit();
  await Promise.all([flushed, dropped]);
  assert.deepEqual(below.get(b), value('two'));
  assert.throws(() => other.get(a));
  assert.deepEqual(keysOf(kv.table('other')), []);
});

test('there is room again once what fills it is on its way, and that what was before it is there', async () => {
  const { disk, kv, table } = rig();
  const large = new Uint8Array(5 * 1024 * 1024);
  const commit = disk.putOff();
  kv.transaction(() => table.put(a, large));
  const [first, second] = [kv.room(), deferred()];
  kv.transaction(() => table.put(b, large));
  let hasRoom = false;
  void first.then(() => kv.room()).then(second.resolve);
  void second.promise.then(() => (hasRoom = true));
  await settled();
  assert.equal(hasRoom, false);
  commit();
  await second.promise;
  assert.equal(disk.begun, 2);
});

test('who fills the room goes on at once while nothing is on its way below, and then beside what is', async () => {
  const { disk, below, kv, table } = rig();
  const commit = disk.putOff();
  kv.transaction(() => table.put(a, new Uint8Array(5 * 1024 * 1024)));
  await kv.room();
  assert.equal(disk.isBusy, true);
  assert.deepEqual(keysOf(below), []);
  kv.transaction(() => table.put(b, value('small')));
  await kv.room();
  assert.equal(disk.isBusy, true, 'what is gathered meanwhile does not wait for it');
  commit();
  await kv.flush();
  assert.deepEqual(keysOf(below), ['a', 'b']);
});

test('as many writes as one entry may have are found, ordered and written', async () => {
  const { below, kv, table } = rig();
  const numbered = (i: number) => utf8(String(i).padStart(8, '0'));
  kv.transaction(() => table.put(numbered(0), a));
  assert.deepEqual(keysOf(table), ['00000000']);
  kv.transaction(() => {
    for (let i = 1; i < 300_000; i++) table.put(numbered(i), a);
  });
  assert.deepEqual(table.get(numbered(299_999)), a);
  await kv.flush();
  assert.equal(keysOf(below).length, 300_000);
});

test('a transaction that throws takes back what it wrote over what is pending, and over what is written', async () => {
  const { kv, table } = rig();
  kv.transaction(() => table.put(a, value('written')));
  await kv.flush();
  kv.transaction(() => table.put(b, value('pending')));
  assert.throws(() =>
    kv.transaction(() => {
      table.remove(a);
      table.put(b, value('no'));
      table.put(b, value('neither'));
      table.put(c, value('no'));
      throw new Error('no');
    }),
  );
  assert.deepEqual(
    [...table.range()],
    [
      [a, value('written')],
      [b, value('pending')],
    ],
  );
  assert.deepEqual([table.get(a), table.get(c)], [value('written'), undefined]);
});

test('where what is pending cannot be written it stays, and transactions are refused until it is', async () => {
  const { disk, below, kv, table } = rig();
  kv.transaction(() => table.put(a, value('pending')));
  disk.fill();
  await assert.rejects(kv.flush(), { code: 'disk-full' });
  assert.deepEqual(table.get(a), value('pending'));
  assert.throws(() => kv.transaction(() => table.put(b, value('refused'))), { code: 'disk-full' });
  assert.equal(table.get(b), undefined);
  disk.fill(false);
  kv.transaction(() => table.put(c, value('let in')));
  assert.deepEqual(keysOf(below), ['a']);
  assert.deepEqual(keysOf(table), ['a', 'c']);
});

test('a snapshot shows what is pending and cannot be written, and goes on to when it is', async () => {
  const { disk, below, kv, table } = rig();
  kv.transaction(() => [a, b].forEach((key) => table.put(key, value('one'))));
  await kv.flush();
  kv.transaction(() => {
    table.put(a, value('two'));
    table.remove(b);
    table.put(c, value('two'));
  });
  disk.fill();
  await assert.rejects(kv.flush(), { code: 'disk-full' });
  const snapshot = kv.snapshot();
  const view = snapshot.table('t');
  const then = [
    [a, value('two')],
    [c, value('two')],
  ];
  const assertIsThen = () => {
    assert.deepEqual([...view.range()], then);
    assert.deepEqual([...view.range({ reverse: true, limit: 1 })], then.slice(1));
    assert.deepEqual([view.get(a), view.get(b), view.get(c)], [value('two'), undefined, value('two')]);
  };
  assertIsThen();
  assert.deepEqual(keysOf(below), ['a', 'b']);
  disk.fill(false);
  kv.transaction(() => {
    table.put(a, value('three'));
    table.put(b, value('three'));
    table.remove(c);
  });
  assertIsThen();
  await kv.flush();
  assertIsThen();
  assert.deepEqual(keysOf(below), ['a', 'b']);
  const pairs = view.range()[Symbol.iterator]();
  pairs.next();
  snapshot[Symbol.dispose]();
  assert.throws(() => pairs.next());
  assert.throws(() => view.get(c));
});

test('what could not be written is tried again though nobody asks for anything, and not once it is closed', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { disk, below, kv, table } = rig();
  kv.transaction(() => table.put(a, value('pending')));
  disk.fill();
  for (let time = 0; time < 3; time++) {
    context.mock.timers.tick(5_000);
    await settled();
    assert.deepEqual(keysOf(below), []);
  }
  disk.fill(false);
  context.mock.timers.tick(5_000);
  await settled();
  assert.deepEqual(keysOf(below), ['a']);

  kv.transaction(() => table.put(b, value('pending')));
  disk.fill();
  await kv[Symbol.asyncDispose]();
  disk.fill(false);
  context.mock.timers.tick(60_000);
  assert.deepEqual(keysOf(below), ['a']);
});

test('what waits stays within bounds however often it cannot be written', async () => {
  const { disk, below, kv, table } = rig();
  disk.fill();
  let refused = 0;
  for (let i = 0; i < 1_000; i++) {
    try {
      kv.transaction(() => table.put(utf8(`key ${i}`), new Uint8Array(100_000)));
    } catch (error) {
      assert.ok(error instanceof LatticeError && error.code === 'disk-full');
      refused++;
    }
    await kv.room();
  }
  assert.equal(keysOf(table).length, 42, '4 MiB, and the one that passed it');
  assert.equal(refused, 1_000 - 42);
  disk.fill(false);
  kv.transaction(() => table.put(a, value('let in')));
  assert.equal(keysOf(below).length, 42);
});

test('who required room has it for one transaction, though the disk fills up meanwhile', async () => {
  const { disk, below, kv, table } = rig();
  kv.transaction(() => table.put(a, value('one')));
  kv.requireRoom();
  disk.fill();
  await assert.rejects(kv.flush(), { code: 'disk-full' });
  kv.transaction(() => table.put(b, value('two')));
  assert.deepEqual(keysOf(table), ['a', 'b']);
  assert.throws(() => kv.transaction(() => table.put(c, value('three'))), { code: 'disk-full' });
  assert.throws(() => kv.requireRoom(), { code: 'disk-full' });
  disk.fill(false);
  kv.transaction(() => table.put(c, value('three')));
  await kv.flush();
  assert.deepEqual(keysOf(below), ['a', 'b', 'c']);
});

test('a range goes on where it was while what it has not shown yet is written', async () => {
  const { kv, table } = rig();
  kv.transaction(() => [a, c].forEach((key) => table.put(key, value('one'))));
  const pairs = table.range()[Symbol.iterator]();
  assert.deepEqual(pairs.next().value, [a, value('one')]);
  await kv.flush();
  kv.transaction(() => table.put(a, value('two')));
  assert.deepEqual(pairs.next().value, [c, value('one')]);
  assert.equal(pairs.next().done, true);
});

test('a range with a limit has as many as there are, whatever is pending hides', async () => {
  const { kv, table } = rig();
  kv.transaction(() => [a, b, c].forEach((key) => table.put(key, value('one'))));
  await kv.flush();
  kv.transaction(() => {
    table.remove(a);
    table.put(b, value('two'));
  });
  const all = [...table.range()];
  assert.deepEqual(all, [
    [b, value('two')],
    [c, value('one')],
  ]);
  for (const limit of [1, 2, 3]) {
    assert.deepEqual([...table.range({ limit })], all.slice(0, limit));
    assert.deepEqual([...table.range({ limit, reverse: true })], [...all].reverse().slice(0, limit));
  }
});
