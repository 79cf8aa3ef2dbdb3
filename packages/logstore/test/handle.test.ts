import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareBytes, hlcToMs, toHex, utf8, valueBytesMax } from '@lattice/model';
import { append, bring, logOf, open, textOf } from './support/store.js';

describe('what is appended', () => {
  test('is there in order when the append resolves, with the position it resolved with', async () => {
    await using rig = await open();
    const positions = await append(rig, 'a', 'b', 'c');
    const items = [...logOf(rig).range()];
    assert.equal(textOf(items), 'a b c');
    assert.deepEqual(
      items.map(({ position }) => toHex(position)),
      positions.map(toHex),
    );
    assert.equal(logOf(rig).count, 3);
  });

  test('in one breath shares an entry, and each has its own position', async () => {
    await using rig = await open();
    const log = logOf(rig);
    const values = ['x', '', 'x', 'much longer than the others'.repeat(9), 'x'];
    const [single, batch, ...others] = await Promise.all([
      log.append(utf8('first')).then((position) => [position]),
      log.appendBatch(values.map(utf8)),
      ...values.map((value) => log.append(utf8(value)).then((position) => [position])),
    ]);
    assert.equal(rig.replica.status().entries, 1);
    const told = [single, batch, ...others].flat().map(toHex);
    assert.deepEqual(
      told,
      [...log.range()].map(({ position }) => toHex(position)),
    );
    assert.equal(new Set(told).size, 11);
    assert.equal(textOf(log.range()), ['first', ...values, ...values].join(' '));
  });

  test('may be empty or as large as values may be, and no larger', async () => {
    await using rig = await open();
    const log = logOf(rig);
    const largest = new Uint8Array(valueBytesMax).fill(7);
    await log.append(new Uint8Array(0));
    await log.append(largest);
    assert.deepEqual(
      log.tail(2).map(({ value }) => value),
      [new Uint8Array(0), largest],
    );
    await assert.rejects(log.append(new Uint8Array(valueBytesMax + 1)), { code: 'value-too-large' });
    await assert.rejects(log.appendBatch(Array.from({ length: 5 }, () => largest)), {
      code: 'batch-too-large',
    });
    assert.equal(log.count, 2);
  });

  test('of nothing writes no entry', async () => {
    await using rig = await open();
    assert.deepEqual(await logOf(rig).appendBatch([]), []);
    assert.equal(rig.replica.status().entries, 0);
  });

  test('apart is the same log on both sides once they met', async () => {
    await using left = await open(1);
    await using right = await open(2);
    await append(left, 'l1', 'l2');
    right.time.setNowMs(right.time.nowMs() + 1_000);
    await append(right, 'r1');
    left.time.setNowMs(left.time.nowMs() + 2_000);
    await append(left, 'l3');
    await bring(left, right);
    await bring(right, left);
    for (const rig of [left, right]) assert.equal(textOf(logOf(rig).range()), 'l1 l2 r1 l3');
  });
});

describe('a range', () => {
  test('is bounded by positions and by times, the first included and the second not', async () => {
    await using rig = await open();
    const [a, b, c] = await append(rig, 'a', 'b', 'c', 'd');
    assert.ok(a && b && c);
    const log = logOf(rig);
    const [first, second] = log.range();
    assert.ok(first && second);
    const ms = hlcToMs(second.time);
    assert.equal(textOf(log.range({ from: b })), 'b c d');
    assert.equal(textOf(log.range({ to: b })), 'a');
    assert.equal(textOf(log.range({ from: b, to: c })), 'b');
    assert.equal(textOf(log.range({ from: c, to: b })), '');
    assert.equal(textOf(log.range({ from: ms })), 'b c d');
    assert.equal(textOf(log.range({ to: ms })), 'a');
    assert.equal(textOf(log.range({ from: ms, to: ms + 1 })), 'b');
    assert.equal(textOf(log.range({ from: a, to: ms + 2, reverse: true })), 'c b a');
    assert.equal(textOf(log.range({ from: -1, to: Number.POSITIVE_INFINITY })), 'a b c d');
    assert.equal(textOf(log.range({ reverse: true, limit: 2 })), 'd c');
    assert.equal(textOf(log.range({ limit: 0 })), '');
    assert.equal(textOf(log.tail(2)), 'c d');
    assert.equal(textOf(log.tail(9)), 'a b c d');
    assert.equal(textOf(log.tail(0)), '');
  });

  test('refuses what is no position', async () => {
    await using rig = await open();
    for (const from of [new Uint8Array(75), new Uint8Array(0), Number.NaN])
      assert.throws(() => [...logOf(rig).range({ from })], { code: 'position-invalid' });
  });

  test('goes over as many pages as there are, either way', async () => {
    await using rig = await open();
    const log = logOf(rig);
    const values = Array.from({ length: 700 }, (_, i) => `${i}`);
    const positions = await log.appendBatch(values.map(utf8));
    assert.equal(textOf(log.range()), values.join(' '));
    assert.equal(textOf(log.range({ reverse: true })), [...values].reverse().join(' '));
    assert.equal(textOf(log.tail(300)), values.slice(400).join(' '));
    const sorted = [...positions].sort(compareBytes);
    assert.deepEqual(positions, sorted);
  });
});
