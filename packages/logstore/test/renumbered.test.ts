import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { append, bring, logOf, open, textOf } from './support/store.js';

/** Too large to be kept outside of the store's log. */
const large = (word: string) => word.padEnd(2_000, '.');

test('a range that is read slowly shows what it began with, whatever other entries get the aliases of these', async () => {
  await using ann = await open(1);
  await using ben = await open(2);
  await using cat = await open(3);
  for (const [rig, word] of [[ben, 'first'] as const, [cat, 'second'] as const]) {
    rig.time.setNowMs(rig.time.nowMs() + word.length);
    await append(rig, large(word));
    await bring(rig, ann);
  }
  const items = logOf(ann).range()[Symbol.iterator]();
  const first = items.next();
  const [lost] = [...ann.stored.log.itemsFrom(0)];
  assert.ok(lost);
  ann.stored.log.damage(lost.offset);
  await ann.replica.rebuild({ force: true });
  assert.equal(textOf(logOf(ann).range()), large('second'));
  const second = items.next();
  assert.ok(!first.done && !second.done);
  assert.equal(textOf([first.value, second.value]), `${large('first')} ${large('second')}`);
});

test('what is appended has its place, also where its entry has the alias that one had which was lost', async () => {
  await using ann = await open(1);
  await using ben = await open(2);
  const log = logOf(ann);
  await append(ben, 'kept');
  await bring(ben, ann);
  await Promise.all([log.append(utf8('a')), log.append(utf8('b'))]);
  const [, lost] = [...ann.stored.log.itemsFrom(0)];
  assert.ok(lost);
  ann.stored.log.damage(lost.offset);
  await ann.replica.rebuild({ acceptLoss: true });
  const positions = await Promise.all([log.append(utf8('the second')), log.append(utf8('third'))]);
  const [kept, ...items] = log.range();
  assert.equal(textOf([...(kept ? [kept] : []), ...items]), 'kept the second third');
  assert.deepEqual(
    items.map(({ position }) => position),
    positions,
  );
});
