import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { utf8 } from '@lattice/model';
import { LogFollower } from './support/follower.js';
import { append, bring, logOf, open, textOf } from './support/store.js';

describe('a follower', () => {
  test('is told what is appended from then on, each item once and where it lies', async () => {
    await using rig = await open();
    await append(rig, 'before');
    const follower = new LogFollower(rig);
    assert.equal(await follower.readAll(), '');
    const [position] = await append(rig, 'a');
    const page = await follower.pull();
    assert.deepEqual(page?.items[0]?.position, position);
    await append(rig, 'b', 'c');
    assert.equal(await follower.readAll(), 'b c');
  });

  test('is told that what comes from a partition lies before what was told', async () => {
    await using rig = await open(1);
    await using other = await open(2);
    await append(other, 'early');
    rig.time.setNowMs(rig.time.nowMs() + 1_000);
    const follower = new LogFollower(rig);
    await follower.pull();
    await append(rig, 'a', 'b');
    assert.equal(await follower.readAll(), 'a b');
    await bring(other, rig);
    other.time.setNowMs(other.time.nowMs() + 2_000);
    await append(other, 'after');
    await bring(other, rig);
    assert.equal(await follower.readAll(), 'early! after');
    assert.equal(textOf(logOf(rig).range()), 'early a b after');
  });

  test('that begins after something is told of what lies before that, too', async () => {
    await using rig = await open(1);
    await using other = await open(2);
    await append(other, 'early');
    rig.time.setNowMs(rig.time.nowMs() + 1_000);
    await append(rig, 'there already');
    const follower = new LogFollower(rig);
    await follower.pull();
    await bring(other, rig);
    assert.equal(await follower.readAll(), 'early!');
  });

  test('can begin with the last items, and goes on from its cursor, over a restart', async () => {
    await using rig = await open();
    await append(rig, 'a', 'b', 'c');
    const follower = new LogFollower(rig, 2);
    assert.equal(await follower.readAll(), 'b c');
    for (const ending of ['closed', 'killed'] as const) {
      follower.leave();
      await rig.reopen(ending);
      await append(rig, ending);
      assert.equal(await follower.readAll(), ending);
    }
    assert.equal(follower.resets, 0);
    assert.equal(await new LogFollower(rig, 9).readAll(), 'a b c closed killed');
  });

  test('of much gets it in pages, and nothing twice when more arrives in between', async () => {
    await using rig = await open(1);
    await using other = await open(2);
    await append(other, 'late');
    rig.time.setNowMs(rig.time.nowMs() + 1_000);
    await logOf(rig).appendBatch(Array.from({ length: 700 }, (_, i) => utf8(`${i}`)));
    const follower = new LogFollower(rig, 600);
    assert.equal((await follower.pull())?.items.length, 0);
    assert.equal((await follower.pull())?.items.length, 256);
    await append(rig, 'new');
    await bring(other, rig);
    follower.leave();
    const rest = await follower.readAll();
    assert.ok(rest.endsWith('699 new late!'), rest.slice(-40));
    assert.equal(follower.seen.size, 602);
    assert.equal(follower.resets, 0);
  });

  test('begins anew with all items where the state was lost', async () => {
    await using rig = await open();
    await append(rig, 'a');
    const follower = new LogFollower(rig);
    await follower.pull();
    await append(rig, 'b');
    follower.leave();
    await rig.reopen('state-lost');
    assert.equal(await follower.readAll(), 'a b');
    assert.equal(follower.resets, 1);
    follower.assertKnowsAll();
  });

  test('ends with its signal, and is refused a cursor that is not whole', async () => {
    await using rig = await open();
    const stop = new AbortController();
    const follow = logOf(rig).follow({ signal: stop.signal })[Symbol.asyncIterator]();
    const first = await follow.next();
    assert.ok(first.done !== true);
    const waiting = follow.next();
    stop.abort();
    assert.equal((await waiting).done, true);
    const since = first.value.cursor.slice(2);
    const broken = logOf(rig).follow({ since })[Symbol.asyncIterator]();
    await assert.rejects(broken.next(), { code: 'cursor-invalid' });
  });
});
