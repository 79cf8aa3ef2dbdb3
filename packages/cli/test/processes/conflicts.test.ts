import assert from 'node:assert/strict';
import { test } from 'node:test';
import { converged, pair } from './support/pair.js';

interface Got {
  readonly value: string;
  readonly conflicted: boolean;
  readonly heads: readonly { readonly value: string; readonly author: string }[];
}

test('what both wrote while one was stopped is the same on both afterwards, conflicts included, until a write settles it', async (context) => {
  const [first, second] = await pair(context);
  await first.json('put', 'before', '1');
  await second.untilHas('before', '1');
  await second.stopDaemon();
  for (const key of ['a', 'b']) await first.json('put', key, 'first');
  for (const key of ['b', 'c']) await second.json('put', key, 'second');
  assert.deepEqual(
    ((await second.json('list')) as { key: string }[]).map(({ key }) => key),
    ['b', 'before', 'c'],
  );

  await second.startDaemon();
  await converged(first, second);
  const lists = [await first.json('list'), await second.json('list')];
  assert.deepEqual(lists[0], lists[1]);
  const [b, sameB] = [
    (await first.json('get', 'b', '--all')) as Got,
    (await second.json('get', 'b', '--all')) as Got,
  ];
  assert.deepEqual(b, sameB);
  assert.equal(b.conflicted, true);
  assert.deepEqual(new Set(b.heads.map(({ value }) => value)), new Set(['first', 'second']));
  assert.equal(((await first.json('get', 'a')) as Got).conflicted, false);

  await first.json('put', 'b', 'settled');
  await second.untilHas('b', 'settled');
  await converged(first, second);
  for (const machine of [first, second]) {
    const { value, conflicted, heads } = (await machine.json('get', 'b', '--all')) as Got;
    assert.deepEqual([value, conflicted, heads.length], ['settled', false, 1]);
  }
});

test('both daemons start again, at once, and find each other by themselves', async (context) => {
  const [first, second] = await pair(context);
  await Promise.all([first.stopDaemon(), second.stopDaemon('SIGKILL')]);
  await Promise.all([first.startDaemon(), second.startDaemon()]);
  await first.json('put', 'again', 'yes');
  await second.untilHas('again', 'yes');
  await second.json('put', 'back', 'yes');
  await first.untilHas('back', 'yes', 1_000);
});
