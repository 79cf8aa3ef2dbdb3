import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Ending, historyBeginsMs, historyKey, ReplicaRig } from '@lattice/testkit';
import { exchange, send } from './support/exchange.js';
import { fillDisk, largeMachine, largeWord, succeeds } from './support/full-disk.js';
import { genesis } from './support/story.js';
import { wordsOf } from './support/trace.js';

const [ann, ben] = [1, 2];
const hour = 3_600_000;
const all = [1, 2, 3, 4, 5];
const stranded = all.length - 1;
/** Two appends to the log, and commits of what they bring. */
const stepsMin = 6;

describe('a repair of the clock that was cut off', () => {
  for (const ending of ['killed', 'crashed', 'state-lost'] as const) {
    test(`goes on when it is asked for again, each operation in effect once, wherever it was (${ending})`, async () => {
      await atEachStep(ending, async ({ rig, early, late }) => {
        await rig.replica.repairClock();
        assert.equal(rig.replica.stranded(), undefined);
        assert.equal(rig.replica.status().entries, all.length + stranded, 'each was issued again once');
        assert.deepEqual(wordsOf(rig.replica), all);
        await send(rig, early);
        assert.deepEqual(wordsOf(early.replica), all, 'who took no original has all of it');
        await late.replica.settled();
      });
    });

    test(`is no harm where it is never asked for again, once the time of the originals has come (${ending})`, async () => {
      await atEachStep(ending, async ({ rig, early }) => {
        for (const { time } of [rig, early]) time.setNowMs(historyBeginsMs + 3 * hour);
        await rig.replica.write(largeWord(8));
        assert.ok(rig.replica.status().entries <= 1 + all.length + stranded);
      });
    });
  }

  test('by a disk that was full goes on in the same process, each operation in effect once', async () => {
    for (let step = 1, isOver = false; !isOver; step++) {
      await using rig = await strandedRig();
      const free = fillDisk(rig, step);
      isOver = await succeeds(rig.replica.repairClock());
      free();
      await rig.replica.settled();
      assert.deepEqual(wordsOf(rig.replica), all, `full from step ${step} on`);
      await rig.replica.repairClock();
      await rig.replica.settled();
      assert.deepEqual(wordsOf(rig.replica), all);
      assert.equal(rig.replica.status().entries, all.length + stranded);
    }
  });
});

interface Meeting {
  readonly rig: ReplicaRig;
  /** Takes no originals, as its clock is right; has been told of what there was after the crash. */
  readonly early: ReplicaRig;
  /** Has the originals, as its clock was ahead as well. */
  readonly late: ReplicaRig;
}

/** Cuts a repair off at each step of the disk, does that afterwards, and sees that all agree in the end. */
async function atEachStep(ending: Ending, afterwards: (meeting: Meeting) => Promise<void>): Promise<void> {
  for (let step = 1, isOver = false; !isOver; step++) {
    await using rig = await strandedRig();
    await using early = await openAs(ben);
    await using late = await openAs(ben, 2 * hour);
    await send(rig, late);
    const revive = fillDisk(rig, step);
    isOver = await succeeds(rig.replica.repairClock());
    rig.disk.kill();
    revive();
    await rig.reopen(ending);

    const what = `cut off at step ${step}`;
    assert.deepEqual(wordsOf(rig.replica), all, what);
    assert.equal(rig.replica.ownBranches(), 1, `${what}, which is nobody else's doing`);
    for (const other of [early, late]) await send(rig, other);
    assert.deepEqual(wordsOf(late.replica), all, what);
    const some = wordsOf(early.replica);
    assert.deepEqual(some, all.slice(0, some.length), what);

    await afterwards({ rig, early, late });
    const written = wordsOf(rig.replica);
    assert.deepEqual(new Set(written).size, written.length, what);
    const others = [early, late];
    for (const { time } of [rig, ...others]) time.setNowMs(historyBeginsMs + 3 * hour);
    for (const other of others) await exchange(rig, other);
    for (const { replica } of others) {
      assert.deepEqual(wordsOf(replica), written, what);
      assert.deepEqual(replica.digest(), rig.replica.digest(), what);
    }
    assert.equal(rig.replica.ownBranches(), 1, what);
    assert.ok(!isOver || step >= stepsMin, `a repair takes ${step} steps only`);
  }
}

/** Of a node that wrote 1 with a right clock, and the rest with one that is two hours ahead, and was set right since. */
async function strandedRig(): Promise<ReplicaRig> {
  const rig = await openAs(ann);
  await rig.replica.write(largeWord(1));
  rig.time.setNowMs(historyBeginsMs + 2 * hour);
  for (const word of all.slice(1)) await rig.replica.write(largeWord(word));
  rig.time.setNowMs(historyBeginsMs + 10);
  await rig.reopen('closed');
  assert.equal(rig.replica.stranded()?.entries, stranded);
  return rig;
}

async function openAs(author: number, aheadMs = 0): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: largeMachine, key: historyKey(0, author) });
  rig.time.setNowMs(historyBeginsMs + aheadMs);
  return rig;
}
