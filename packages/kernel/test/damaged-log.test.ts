import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '@lattice/model';
import { bundleOf, digestOfHolding, historyKey, refOf, ReplicaRig } from '@lattice/testkit';
import { exchange, send } from './support/exchange.js';
import { rejectsWith } from './support/rejects.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, words, wordsOf } from './support/trace.js';

const [ann, ben] = [1, 2];

describe('a log that is damaged in the middle', () => {
  test('is replayed up to the hole and beside it; what lies behind waits, and the status says so', async () => {
    await using rig = await openDamaged();
    assert.deepEqual(wordsOf(rig.replica), [0, 3]);
    const { damaged, pending, entries } = rig.replica.status();
    assert.deepEqual({ damaged, pending, entries }, { damaged: true, pending: 1, entries: 2 });
  });

  test('stays so however often it is opened', async () => {
    await using rig = await openDamaged();
    for (const ending of ['closed', 'killed', 'state-lost', 'closed'] as const) {
      await rig.reopen(ending);
      assert.ok(rig.replica.status().damaged);
      assert.deepEqual(wordsOf(rig.replica), [0, 3]);
    }
  });

  test('is not written to, lest the node forks itself', async () => {
    await using rig = await openDamaged();
    await rejectsWith(rig.replica.write(words(9)), 'store-damaged');
    await rig.reopen();
    await rejectsWith(rig.replica.write(words(9)), 'store-damaged');
  });

  test('is whole again, and written to, once a peer has filled the hole', async () => {
    await using rig = await openDamaged();
    await using peer = await ReplicaRig.open({ genesis, machine: traceMachine });
    const story = tell();
    await peer.receive(bundleOf(story.entries));
    await send(peer, rig);
    await rig.time.advance(0);
    assert.equal(rig.replica.status().damaged, false);
    assert.equal(toHex(rig.replica.digest()), toHex(digestOfHolding(new Set(story.entries))));
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3]);
    await rig.replica.write(words(9));
    for (const ending of ['closed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.equal(rig.replica.status().damaged, false);
      assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3, 9]);
      assert.equal(rig.replica.status().forks.size, 0);
    }
    await using other = await ReplicaRig.open({ genesis, machine: traceMachine });
    await exchange(rig, other);
    assert.equal(toHex(other.replica.digest()), toHex(rig.replica.digest()));
  });

  test('takes what else peers bring, and keeps the place to be replayed from', async () => {
    await using rig = await openDamaged();
    const late = new Story().tell(3, { words: [7] });
    await rig.receive(bundleOf([late]));
    assert.deepEqual(wordsOf(rig.replica), [0, 3, 7]);
    await rig.reopen();
    assert.ok(rig.replica.status().damaged);
    assert.deepEqual(wordsOf(rig.replica), [0, 3, 7]);
    assert.ok(rig.replica.find(refOf(late)) !== undefined);
  });
});

/** a1, a2, a3 of one author and b1 of another. */
function tell(): Story {
  const story = new Story();
  for (const author of [ann, ann, ann, ben]) story.tell(author);
  return story;
}

/** The node's own log of these, the second of them lost, and no state. */
async function openDamaged(): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ann) });
  for (const entry of tell().entries) await rig.receive(bundleOf([entry]));
  const [, second] = [...rig.stored.log.itemsFrom(0)];
  assert.ok(second);
  rig.stored.log.damage(second.offset);
  await rig.reopen('state-lost');
  return rig;
}
