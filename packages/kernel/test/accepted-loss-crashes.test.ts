import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { historyKey, ReplicaRig } from '@lattice/testkit';
import { exchange } from './support/exchange.js';
import { fillDisk, largeMachine, largeWord, succeeds } from './support/full-disk.js';
import { rejectsWith } from './support/rejects.js';
import { genesis } from './support/story.js';
import { wordsOf } from './support/trace.js';

const [ann, ben] = [1, 2];
const all = [1, 2, 3, 4, 5, 6, 7];
const kept = all.filter((word) => word !== 2);
/** Three appends to the log, and commits of what they bring, beside those of the rebuild. */
const stepsMin = 10;

describe('a loss that is being accepted when the node is cut off', () => {
  for (const ending of ['killed', 'crashed', 'state-lost'] as const)
    test(`is accepted when that is asked for again, and each operation is there once, wherever it was (${ending})`, async () => {
      for (let step = 1, isOver = false; !isOver; step++) {
        await using rig = await openWithout();
        const revive = fillDisk(rig, step);
        isOver = await succeeds(rig.replica.rebuild({ acceptLoss: true }));
        rig.disk.kill();
        revive();
        await rig.reopen(ending);
        const what = `cut off at step ${step}`;
        if (rig.replica.status().damaged) await rejectsWith(rig.replica.write(largeWord(9)), 'store-damaged');
        else assert.deepEqual(wordsOf(rig.replica), kept, `${what}, the loss is accepted once all is there`);

        await rig.replica.rebuild({ acceptLoss: true });
        await requireOnce(rig, what);
        assert.ok(!isOver || step >= stepsMin, `it takes ${step} steps only`);
      }
    });

  test('by a disk that was full is accepted in the same process, and each operation is there once', async () => {
    for (let step = 1, isOver = false; !isOver; step++) {
      await using rig = await openWithout();
      const free = fillDisk(rig, step);
      isOver = await succeeds(rig.replica.rebuild({ acceptLoss: true }));
      free();
      await rig.replica.settled();
      await rig.replica.rebuild({ acceptLoss: true });
      await requireOnce(rig, `full from step ${step} on`);
    }
  });
});

async function requireOnce(rig: ReplicaRig, what: string): Promise<void> {
  await rig.replica.settled();
  assert.deepEqual(wordsOf(rig.replica), kept, what);
  const { damaged, entries, forks } = rig.replica.status();
  assert.deepEqual(
    { damaged, entries, forks: forks.size },
    { damaged: false, entries: kept.length, forks: 0 },
    what,
  );
  await using other = await openAs(ben);
  await exchange(rig, other);
  assert.deepEqual(wordsOf(other.replica), kept, what);
}

/** Of a node that wrote all of these, and lost the second. */
async function openWithout(): Promise<ReplicaRig> {
  const rig = await openAs(ann);
  for (const word of all) await rig.replica.write(largeWord(word));
  const [, lost] = [...rig.stored.log.itemsFrom(0)];
  assert.ok(lost);
  rig.stored.log.damage(lost.offset);
  await rig.reopen('state-lost');
  return rig;
}

function openAs(author: number): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: largeMachine, key: historyKey(0, author) });
}
