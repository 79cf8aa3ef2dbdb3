import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Admission, equalBytes, type Hlc, type NodeId, toHex } from '@lattice/model';
import {
  bundleOf,
  Dice,
  type HistoryEntry,
  historyBeginsMs,
  historyKey,
  refOf,
  ReplicaRig,
} from '@lattice/testkit';
import fc from 'fast-check';
import { withRule } from './support/admissions.js';
import { exchange, horizonOf, send } from './support/exchange.js';
import { logged, offsets } from './support/logged.js';
import { rejectsWith } from './support/rejects.js';
import { runs } from './support/runs.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';
import { seeds } from './support/trace-history.js';

const [ann, ben] = [1, 2];
const hour = 3_600_000;

describe('a loss that is accepted', () => {
  test('is gone on without: what this node wrote behind it is in the state again, and it writes on from there', async () => {
    await using rig = await openWithout(tell(), 1);
    await rejectsWith(
      rig.replica.rebuild({ force: true }).then(() => rig.replica.write(words(9))),
      'store-damaged',
    );
    assert.deepEqual(await rig.replica.rebuild({ acceptLoss: true }), {
      entries: 2,
      givenUp: 0,
      reissued: 1,
      lost: 0,
      places: 1,
    });
    await rig.replica.write(words(9));
    for (const ending of ['closed', 'killed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.deepEqual(wordsOf(rig.replica), [0, 2, 3, 9]);
      const { damaged, pending } = rig.replica.status();
      assert.deepEqual({ damaged, pending }, { damaged: false, pending: 0 });
      assert.equal(rig.replica.hasHoles, false);
      assert.equal(rig.replica.status().forks.size, 0);
      await rig.replica.rebuild();
    }
    assert.equal(rig.replica.ownSeq(), 3);
  });

  test('costs no member anything that it can see: all converge with what was issued again', async () => {
    await using rig = await openWithout(tell(), 1);
    await rig.replica.rebuild({ acceptLoss: true });
    await using other = await ReplicaRig.open({ genesis, machine: traceMachine });
    await exchange(rig, other);
    assert.deepEqual(viewTrace(other.replica), viewTrace(rig.replica));
    assert.equal(toHex(other.replica.digest()), toHex(rig.replica.digest()));
    assert.equal(rig.replica.ownBranches(), 1);
  });

  test('leaves nothing waiting where what was written behind it had come already, and nothing twice where the rest turns up', async () => {
    await using rig = await openWithout(tell(), 1);
    await using other = await ReplicaRig.open({ genesis, machine: traceMachine });
    const { entries } = tell();
    for (const at of [0, 2]) await other.receive(bundleOf(entries.slice(at, at + 1)));
    assert.equal(other.replica.status().pending, 1);
    await rig.replica.rebuild({ acceptLoss: true });
    await exchange(rig, other);
    assert.equal(other.replica.status().pending, 0);
    assert.deepEqual(wordsOf(other.replica), [0, 2, 3]);
    for (const at of [2, 1]) await other.receive(bundleOf(entries.slice(at, at + 1)));
    assert.deepEqual(wordsOf(other.replica), [0, 1, 2, 3]);
    assert.equal(other.replica.status().pending, 0);
  });

  test('leaves the order of what was written as it was, also to what others wrote in between', async () => {
    const story = new Story();
    for (const author of [ann, ann, ben, ann, ben, ann]) story.tell(author);
    await using rig = await openWithout(story, 1);
    await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [0, 2, 3, 4, 5]);
  });

  test('leaves out what others wrote behind it, and what names that is issued again without it', async () => {
    const story = new Story();
    const [first, lost] = [story.tell(ann), story.tell(ann)];
    const bens = story.tell(ben, { deps: [lost] });
    const cats = story.tell(3, { deps: [first] });
    story.tell(ann, { deps: [bens, cats] });
    await using rig = await openWithout(story, 1);
    const { givenUp, reissued } = await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual({ givenUp, reissued }, { givenUp: 1, reissued: 1 });
    assert.deepEqual(inOrder(rig), [0, 3, 4]);
    const [, , last] = viewTrace(rig.replica) as { readonly sees: readonly string[] }[];
    assert.equal(last?.sees.length, 2, 'it sees what is left of what its original saw');
  });

  test('of the first entry of a chain makes what followed it the first one', async () => {
    await using rig = await openWithout(tell(), 0);
    await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [1, 2, 3]);
    assert.equal(rig.replica.ownSeq(), 2);
  });

  test('of the last own entry is, too, which a rebuild refuses otherwise', async () => {
    await using rig = await openAs(tell());
    const [, , third] = [...rig.stored.log.itemsFrom(0)];
    assert.ok(third);
    rig.stored.log.damage(third.offset);
    await rejectsWith(rig.replica.rebuild({ force: true }), 'store-damaged');
    assert.deepEqual(await rig.replica.rebuild({ acceptLoss: true }), {
      entries: 3,
      givenUp: 0,
      reissued: 0,
      lost: 1,
      places: 1,
    });
    await rig.replica.write(words(9));
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 3, 9]);
    assert.equal(rig.replica.ownSeq(), 3);
  });

  test('by who is no member any more is not issued again, as it would count nowhere', async () => {
    await using rig = await openWithout(tell(), 1);
    await rig.setAdmission(cutOffAt(historyKey(0, ann).nodeId, tell().entries[0]));
    const { givenUp, reissued } = await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual({ givenUp, reissued }, { givenUp: 1, reissued: 0 });
    assert.equal(rig.replica.status().damaged, false);
  });

  for (const [what, lost, kept, again] of [
    ['what was issued again', -3, [0, 2, 3, 8, 9], 3],
    ['what was written since', -2, [0, 2, 3, 9], 1],
  ] as const)
    test(`a second time, of ${what}, issues the rest again, and nothing twice, whatever turns up`, async () => {
      await using rig = await openWithout(tell(), 1);
      await rig.replica.rebuild({ acceptLoss: true });
      for (const word of [8, 9]) await rig.replica.write(words(word));
      await using attic = await ReplicaRig.open({ genesis, machine: traceMachine });
      await send(rig, attic);
      // The last ones of the log are that of a3, and those of 8 and 9.
      rig.stored.log.damage(offsets(rig).at(lost) ?? 0);
      await rig.reopen('state-lost');
      const { givenUp, reissued } = await rig.replica.rebuild({ acceptLoss: true });
      assert.deepEqual({ givenUp, reissued }, { givenUp: 0, reissued: again });
      assert.deepEqual(wordsOf(rig.replica), kept);
      await rig.receive(bundleOf(tell().entries.slice(1, 2)));
      for (let round = 0; round < 2; round++) {
        await exchange(rig, attic);
        await rig.reopen('state-lost');
      }
      for (const { replica } of [rig, attic]) assert.deepEqual(wordsOf(replica), [0, 1, 2, 3, 8, 9]);
      assert.equal(rig.replica.ownBranches(), 1);
    });
});

describe('a loss that is accepted and then found after all', () => {
  test('is back, and what followed it stays replaced: nothing is there twice, and nobody is told of a fork', async () => {
    await using rig = await openWithout(tell(), 1);
    await rig.replica.rebuild({ acceptLoss: true });
    await rig.replica.write(words(9));
    await rig.receive(bundleOf(tell().entries.slice(1, 2)));
    for (const ending of ['state-lost', 'closed'] as const) {
      await rig.reopen(ending);
      assert.deepEqual(inOrder(rig), [0, 1, 2, 3, 9]);
      assert.equal(rig.replica.status().damaged, false);
      assert.equal(rig.replica.ownBranches(), 1);
    }
    await using other = await ReplicaRig.open({ genesis, machine: traceMachine });
    await exchange(rig, other);
    assert.deepEqual(viewTrace(other.replica), viewTrace(rig.replica));
  });

  test('is back with what others wrote behind it, and what this node wrote since is beside it', async () => {
    const story = tell();
    const late = story.tell(ben, { deps: story.entries.slice(2, 3) });
    await using rig = await openWithout(story, 1);
    assert.equal((await rig.replica.rebuild({ acceptLoss: true })).givenUp, 1);
    await rig.replica.write(words(9));
    await rig.receive(bundleOf(story.entries.slice(1, 2)));
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3, 4, 9]);
    assert.ok(rig.replica.find(refOf(late)) !== undefined);
  });
});

describe('own entries behind what was lost', () => {
  test('that a wrong clock had dated ahead keep that date, and are repaired as any', async () => {
    const story = new Story();
    for (const atMs of [1, 2, 2 * hour, 2 * hour + 1]) story.tell(ann, { atMs });
    await using rig = await openWithout(story, 1);
    rig.time.setNowMs(historyBeginsMs + 10);
    await rig.replica.rebuild({ acceptLoss: true });
    assert.equal(rig.replica.stranded()?.entries, 2);
    await rig.replica.repairClock();
    assert.equal(rig.replica.stranded(), undefined);
    assert.deepEqual(inOrder(rig), [0, 2, 3]);
  });

  test('that a repair of the clock had issued again are not there twice', async () => {
    await using rig = await openAfterRepair();
    rig.stored.log.damage(offsets(rig)[1] ?? 0);
    await rig.reopen('state-lost');
    assert.deepEqual(inOrder(rig), [1]);
    await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [1, 3, 4, 5]);
    assert.equal(rig.replica.stranded(), undefined);
    assert.equal(rig.replica.ownBranches(), 1);
  });

  test('of which some stand in for others hide nothing that is gone', async () => {
    await using rig = await openAfterRepair();
    rig.stored.log.damage(offsets(rig)[1] ?? 0);
    const { lost } = await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [1, 3, 4, 5]);
    assert.equal(lost, 1);
  });

  test('that a repair had issued again together with what stood before the loss are not there twice, from then on', async () => {
    const story = new Story();
    await using rig = await openAs(story);
    rig.time.setNowMs(historyBeginsMs);
    await rig.replica.write(words(1));
    rig.time.setNowMs(historyBeginsMs + 2 * hour);
    await rig.replica.write(words(3));
    await rig.receive(bundleOf([story.tell(ben, { atMs: 5, words: [2] })]));
    await rig.replica.write(words(4));
    rig.time.setNowMs(historyBeginsMs + 10);
    await rig.reopen();
    await rig.replica.repairClock();
    rig.stored.log.damage(offsets(rig)[2] ?? 0);
    await rig.reopen('state-lost');
    assert.deepEqual(inOrder(rig), [1, 3]);
    await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [1, 3, 4]);
  });

  test('are not dated with what a wrong clock had dated ahead, whose repair was lost', async () => {
    await using rig = await openAfterRepair();
    rig.stored.log.damage(offsets(rig).at(-2) ?? 0);
    await rig.reopen('state-lost');
    await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [1, 2, 5, 3, 4]);
    assert.equal(rig.replica.stranded()?.entries, 2, 'as they are again');
    rig.time.setNowMs(historyBeginsMs + 20);
    await rig.replica.repairClock();
    assert.deepEqual(inOrder(rig), [1, 2, 5, 3, 4]);
    assert.equal(rig.replica.ownBranches(), 1);
  });

  test('of another copy of this node are issued again, too, all in their order', async () => {
    const story = new Story();
    const [first] = [story.tell(ann), story.tell(ann)];
    const second = story.tell(ann);
    const copys = story.tell(ann, { after: second });
    story.tell(ann, { after: second });
    story.tell(ann, { deps: [copys] });
    assert.ok(first);
    await using rig = await openWithout(story, 1);
    await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [0, 2, 3, 4, 5]);
  });

  test('that were fetched again after they had been lost, and so lie in another order, are issued again in theirs', async () => {
    const story = new Story();
    for (let i = 0; i < 5; i++) story.tell(ann);
    await using rig = await openWithout(story, 3);
    await rig.receive(bundleOf(story.entries.slice(3, 4)));
    await rig.time.advance(0);
    assert.equal((await rig.replica.mend()).length, 1);
    rig.stored.log.damage(offsets(rig)[1] ?? 0);
    await rig.reopen('state-lost');
    await rig.replica.rebuild({ acceptLoss: true });
    assert.deepEqual(inOrder(rig), [0, 2, 3, 4]);
  });

  test('of any history are all there, once, in their order; also with what was lost, should that turn up', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const dice = new Dice(seed);
        await using rig = await openAs(new Story());
        await using bens = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ben) });
        await using attic = await ReplicaRig.open({ genesis, machine: traceMachine });
        for (let word = 0; word < 20; word++) {
          const writer = dice.pick([rig, rig, bens]);
          writer.time.setNowMs(historyBeginsMs + word);
          await writer.replica.write(words(word));
          if (dice.oneIn(4)) await send(bens, rig);
          if (dice.oneIn(8)) await send(rig, bens);
        }
        for (const one of [rig, bens]) await send(one, attic);
        const before = inOrder(rig);
        const lost = offsets(rig).filter(() => dice.oneIn(6));
        for (const offset of lost) rig.stored.log.damage(offset);
        const own = ownWords(rig);
        await rig.reopen('state-lost');
        await rig.replica.rebuild({ acceptLoss: true });
        const after = inOrder(rig);
        assert.deepEqual(
          after,
          before.filter((word) => after.includes(word)),
        );
        for (const word of own) assert.ok(after.includes(word), `${word} was not lost`);
        for (const other of [bens, attic]) await exchange(rig, other);
        await exchange(rig, bens);
        for (const one of [rig, bens, attic]) {
          await one.reopen('state-lost');
          assert.deepEqual(
            wordsOf(one.replica),
            Array.from({ length: 20 }, (_, word) => word),
          );
          assert.deepEqual(viewTrace(one.replica), viewTrace(rig.replica));
          assert.equal(toHex(one.replica.digest()), toHex(rig.replica.digest()));
        }
        assert.deepEqual(
          inOrder(rig).filter((word) => before.includes(word)),
          before,
        );
      }),
      { numRuns: runs(30), includeErrorInReport: true },
    );
  });
});

describe('what was issued again, and lies in the log still behind what is lost', () => {
  test('is no reason to refuse a rebuild, as this node goes on from something else', async () => {
    await using rig = await openAs(new Story());
    rig.time.setNowMs(historyBeginsMs);
    await rig.replica.write(words(1));
    rig.time.setNowMs(historyBeginsMs + 2 * hour);
    for (const word of [2, 3]) await rig.replica.write(words(word));
    rig.time.setNowMs(historyBeginsMs + 10);
    await rig.reopen();
    await rig.replica.repairClock();
    rig.stored.log.damage(offsets(rig)[1] ?? 0);
    await rig.replica.rebuild({ force: true });
    assert.deepEqual(inOrder(rig), [1, 2, 3]);
    assert.equal(rig.replica.status().damaged, false);
    await rig.replica.write(words(4));
    assert.equal(rig.replica.ownBranches(), 1);
  });

  for (const ending of ['closed', 'state-lost'] as const)
    test(`waits for nothing when another record is damaged, which a member has (${ending})`, async () => {
      await using rig = await openWithout(tell(), 1);
      await rig.replica.rebuild({ acceptLoss: true });
      await using peer = await ReplicaRig.open({ genesis, machine: traceMachine });
      await exchange(rig, peer);
      const [, , bens] = offsets(rig);
      rig.stored.log.damage(bens ?? 0);
      await rig.reopen(ending);
      rig.replica.damage.note(bens ?? 0);
      await rig.time.advance(0);
      assert.equal(rig.replica.status().damaged, false, 'its last entry is behind that');
      const lost = await rig.replica.damage.lost();
      for (const bundle of peer.replica.outgoing(lost?.tips ?? rig.replica.tips()).bundles(horizonOf(rig)))
        await (lost ? lost.take(bundle.encode('full')) : rig.receive(bundle));
      if (lost) await rig.replica.damage.putBack();
      else await rig.replica.mend();
      assert.equal(rig.replica.hasHoles, false);
      assert.deepEqual(inOrder(rig), [0, 2, 3]);
      assert.deepEqual(rig.replica.status().pending, 0);
      await rig.replica.write(words(9));
    });
});

/** a1, a2, a3 of this node and b1 of another. */
function tell(): Story {
  const story = new Story();
  for (const author of [ann, ann, ann, ben]) story.tell(author);
  return story;
}

/** A node whose log has each of the story's entries in a record of its own. */
async function openAs(story: Story): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ann) });
  for (const entry of story.entries) await rig.receive(bundleOf([entry]));
  return rig;
}

/** The same, without that one, and without a state. */
async function openWithout(story: Story, lost: number): Promise<ReplicaRig> {
  const rig = await openAs(story);
  rig.stored.log.damage(offsets(rig)[lost] ?? 0);
  await rig.reopen('state-lost');
  return rig;
}

/** Wrote 1 and 2; then 3 and 4 by a clock that was two hours ahead, whose repair issued them again; and then 5. */
async function openAfterRepair(): Promise<ReplicaRig> {
  const rig = await openAs(new Story());
  rig.time.setNowMs(historyBeginsMs);
  for (const word of [1, 2]) await rig.replica.write(words(word));
  rig.time.setNowMs(historyBeginsMs + 2 * hour);
  for (const word of [3, 4]) await rig.replica.write(words(word));
  rig.time.setNowMs(historyBeginsMs + 10);
  await rig.reopen();
  await rig.replica.repairClock();
  await rig.replica.write(words(5));
  return rig;
}

/** The words of all operations applied, in the order that all nodes agree on. */
function inOrder({ replica }: ReplicaRig): number[] {
  return (viewTrace(replica) as { readonly word: number }[]).map(({ word }) => word);
}

/** What this node said in records of its log that are not lost. */
function ownWords(rig: ReplicaRig): number[] {
  const { nodeId } = historyKey(0, ann);
  const own = logged(rig).filter(({ entry }) => equalBytes(entry.author, nodeId));
  return own.flatMap(({ entry }) => entry.payload.at(-1) ?? []);
}

/** Everybody counts, but that key from there on. */
function cutOffAt(self: NodeId, last: HistoryEntry | undefined): Admission {
  assert.ok(last);
  return withRule(self, { spans: [{ after: -1n as Hlc }], cutOffs: [[refOf(last)]] });
}
