import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type KvBackend, kvHandle, kvMachine } from '@lattice/kvstore';
import { utf8 } from '@lattice/model';
import { hastyTimers, ReplicaRig, VirtualTime } from '@lattice/testkit';
import { bring, genesis, must, open, put } from './support/store.js';
import { told, Watcher } from './support/watcher.js';

describe('a watch', () => {
  test('says at once where it begins, and tells what changes from then on', async () => {
    await using rig = await open();
    await put(rig, 'before=1');
    const watcher = new Watcher(rig);
    assert.equal(told(await must(watcher)), '');
    assert.equal(await watcher.pull(), undefined);
    await put(rig, 'a=1');
    assert.equal(told(await must(watcher)), 'a=1');
    await put(rig, 'a', 'b=2');
    assert.equal(told(await must(watcher)), 'a b=2');
    assert.equal(await watcher.pull(), undefined);
  });

  test('tells a key that changed several times once, as it is now', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig);
    await watcher.pull();
    await put(rig, 'a=1', 'b=1', 'a=2');
    await put(rig, 'b', 'a=3');
    assert.equal(told(await must(watcher)), 'a=3 b');
  });

  test('tells who wrote the winner and when, and that there are others', async () => {
    await using rig = await open(1);
    await using other = await open(2);
    const watcher = new Watcher(rig);
    await watcher.pull();
    await put(rig, 'a=mine');
    other.time.setNowMs(other.time.nowMs() + 1_000);
    await put(other, 'a=theirs');
    await bring(other, rig);
    const page = await must(watcher);
    assert.equal(told(page), 'a=theirs!');
    const [winner] = kvHandle(rig.replica).heads(utf8('a'));
    assert.deepEqual(page.changes[0]?.author, winner?.author);
    assert.equal(page.changes[0]?.time, winner?.time);
  });

  test('of a prefix tells only of keys that begin so', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig, utf8('user/'));
    await watcher.pull();
    await put(rig, 'user=1', 'user/1=ann', 'users=1');
    assert.equal(told(await must(watcher)), 'user/1=ann');
    await put(rig, 'other=1');
    assert.equal(await watcher.pull(), undefined);
  });

  test('goes on from its cursor, over a restart, having missed nothing', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig);
    await watcher.pull();
    await put(rig, 'a=1');
    for (const ending of ['closed', 'killed'] as const) {
      watcher.leave();
      await rig.reopen(ending);
      await put(rig, `${ending}=1`);
      await watcher.readAll();
      watcher.assertKnowsAll();
    }
    assert.equal(watcher.resets, 0);
    assert.deepEqual(watcher.pages.map(told), ['', 'a=1 closed=1', 'killed=1']);
  });

  test('of an empty store has a cursor, too', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig);
    await watcher.pull();
    watcher.leave();
    await put(rig, 'a=1');
    await rig.reopen('state-lost');
    assert.equal(told(await must(watcher)), 'a=1');
    assert.equal(watcher.resets, 0);
  });

  test('tells much in pages, and goes on within an entry', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig);
    await watcher.pull();
    await put(rig, ...Array.from({ length: 700 }, (_, i) => `key ${i}=1`));
    const sizes: (number | undefined)[] = [];
    for (let i = 0; i < 3; i++) {
      sizes.push((await watcher.pull())?.changes.length);
      watcher.leave();
    }
    assert.deepEqual(sizes, [256, 256, 188]);
    watcher.assertKnowsAll();
    assert.equal(watcher.resets, 0);
  });

  test('ends a page with the value that makes it large', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig);
    await watcher.pull();
    const value = 'v'.repeat(200 * 1024);
    for (const key of ['a', 'b', 'c']) await put(rig, `${key}=${value}`);
    await watcher.readAll();
    assert.deepEqual(
      watcher.pages.map(({ changes }) => changes.length),
      [0, 2, 1],
    );
  });

  test('gives a cursor now and then where there is nothing to tell', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig, utf8('none'));
    const first = await must(watcher);
    await put(rig, ...Array.from({ length: 20_000 }, (_, i) => `k${i}`));
    const second = await must(watcher);
    assert.equal(told(second), '');
    assert.notEqual(second.cursor, first.cursor);
    assert.equal(await watcher.pull(), undefined);
  });

  test('lets others run while it catches up', async () => {
    const time = new VirtualTime();
    let yields = 0;
    const hasty = hastyTimers(time);
    const timers = {
      ...hasty,
      yield: () => {
        yields++;
        return hasty.yield();
      },
    };
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine, time, timers });
    const watcher = new Watcher(rig, utf8('none'));
    await watcher.pull();
    for (let i = 0; i < 500; i++) await put(rig, `key ${i}=1`);
    yields = 0;
    await watcher.readAll();
    assert.ok(yields > 50, `${yields} yields`);
  });

  test('costs nothing as long as nobody reads', async () => {
    await using rig = await open();
    let asked = 0;
    const counting = new Proxy<KvBackend>(rig.replica, {
      get: (target, name) => {
        asked++;
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? (value.bind(target) as unknown) : value;
      },
    });
    const idle = kvHandle(counting).watch()[Symbol.asyncIterator]();
    await idle.next();
    asked = 0;
    for (let i = 0; i < 300; i++) await put(rig, `key ${i % 10}=${i}`);
    await rig.time.advance(0);
    assert.equal(asked, 0);
    const page = await idle.next();
    assert.ok(page.done !== true);
    assert.equal(page.value.changes.length, 10);
  });

  test('ends with its signal, while it waits and before it begins', async () => {
    await using rig = await open();
    const stop = new AbortController();
    const watch = kvHandle(rig.replica).watch({ signal: stop.signal })[Symbol.asyncIterator]();
    await watch.next();
    const waiting = watch.next();
    stop.abort();
    assert.equal((await waiting).done, true);
    const late = kvHandle(rig.replica).watch({ signal: stop.signal })[Symbol.asyncIterator]();
    assert.equal((await late.next()).done, true);
  });

  test('rejects when the store is closed, whether it waits or not', async () => {
    const rig = await open();
    const [waiting, resting] = [new Watcher(rig), new Watcher(rig)];
    await waiting.pull();
    assert.equal(await waiting.pull(), undefined);
    await resting.pull();
    await rig.replica[Symbol.asyncDispose]();
    for (const watcher of [waiting, resting]) await assert.rejects(watcher.pull(), { code: 'store-closed' });
  });

  test('rejects where the log is damaged in front of it', async () => {
    await using rig = await open();
    const watcher = new Watcher(rig);
    await watcher.pull();
    await put(rig, 'a=1');
    const [record] = [...rig.stored.log.itemsFrom(0)];
    assert.ok(record);
    rig.stored.log.damage(record.offset);
    await assert.rejects(watcher.pull(), { code: 'log-damaged' });
  });
});
