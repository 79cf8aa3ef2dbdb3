import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, utf8 } from '@lattice/model';
import { MemoryKv, MemoryKvContent, type Table } from '@lattice/storage';
import { WriteBehindKv } from '@lattice/storage-node/testing';

const [a, b, c] = [utf8('a'), utf8('b'), utf8('c')];
const value = (text: string) => utf8(text);

class CopyableMemoryKv extends MemoryKv {
  copyTo(): Promise<void> {
    return Promise.resolve();
  }
}

/** A store, and what lies below it: what a crash of the process leaves. */
function rig() {
  const content = new MemoryKvContent();
  const below = new MemoryKv(content).table('t');
  const kv = new WriteBehindKv(new CopyableMemoryKv(content));
  return { content, below, kv, table: kv.table('t') };
}

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

test('what many transactions write is written by itself, in transactions of its own', () => {
  const { below, kv, table } = rig();
  for (let i = 0; i < 20_000; i++) kv.transaction(() => table.put(utf8(`key ${i % 9_000}`), value(`${i}`)));
  const written = keysOf(below).length;
  assert.ok(written > 0, 'some of it is written');
  assert.equal(keysOf(table).length, 9_000);
});

test('what is large does not wait for others', () => {
  const { below, kv, table } = rig();
  for (let i = 0; i < 100; i++) kv.transaction(() => table.put(utf8(`key ${i}`), new Uint8Array(200_000)));
  assert.ok(keysOf(below).length > 50);
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
  const { content, below, kv, table } = rig();
  kv.transaction(() => table.put(a, value('pending')));
  content.failNextCommit('disk-full');
  await assert.rejects(kv.flush(), { code: 'disk-full' });
  assert.deepEqual(table.get(a), value('pending'));
  content.failNextCommit('disk-full');
  assert.throws(() => kv.transaction(() => table.put(b, value('refused'))), { code: 'disk-full' });
  assert.equal(table.get(b), undefined);
  kv.transaction(() => table.put(c, value('let in')));
  assert.deepEqual(keysOf(below), ['a']);
  assert.deepEqual(keysOf(table), ['a', 'c']);
});

test('a snapshot shows what is pending and cannot be written, and goes on to when it is', async () => {
  const { content, below, kv, table } = rig();
  kv.transaction(() => [a, b].forEach((key) => table.put(key, value('one'))));
  await kv.flush();
  kv.transaction(() => {
    table.put(a, value('two'));
    table.remove(b);
    table.put(c, value('two'));
  });
  content.failNextCommit('disk-full');
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
  const { content, below, kv, table } = rig();
  kv.transaction(() => table.put(a, value('pending')));
  for (let time = 0; time < 3; time++) {
    content.failNextCommit('disk-full');
    context.mock.timers.tick(5_000);
    assert.deepEqual(keysOf(below), []);
  }
  context.mock.timers.tick(5_000);
  assert.deepEqual(keysOf(below), ['a']);

  kv.transaction(() => table.put(b, value('pending')));
  content.failNextCommit('disk-full');
  await kv[Symbol.asyncDispose]();
  context.mock.timers.tick(60_000);
  assert.deepEqual(keysOf(below), ['a']);
});

test('what waits stays within bounds however often it cannot be written', () => {
  const { content, below, kv, table } = rig();
  content.commit = () => {
    throw new LatticeError('disk-full', 'The disk is full.');
  };
  let refused = 0;
  for (let i = 0; i < 1_000; i++) {
    try {
      kv.transaction(() => table.put(utf8(`key ${i}`), new Uint8Array(100_000)));
    } catch (error) {
      assert.ok(error instanceof LatticeError && error.code === 'disk-full');
      refused++;
    }
  }
  assert.equal(keysOf(table).length, 42, '4 MiB, and the one that passed it');
  assert.equal(refused, 1_000 - 42);
  Reflect.deleteProperty(content, 'commit');
  kv.transaction(() => table.put(a, value('let in')));
  assert.equal(keysOf(below).length, 42);
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
