import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '@lattice/model';
import {
  bundleOf,
  digestOfHolding,
  everybody,
  type HistoryEntry,
  historyKey,
  refOf,
  ReplicaRig,
} from '@lattice/testkit';
import { allBut } from './support/admissions.js';
import { exchange, send } from './support/exchange.js';
import { rejectsWith } from './support/rejects.js';
import { genesis, momentOf, Story } from './support/story.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';

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
    assert.deepEqual(await rig.replica.mend(), [], 'not while anything waits for it');
    await send(peer, rig);
    await rig.time.advance(0);
    assert.equal((await rig.replica.mend()).length, 1);
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

describe('a hole in the log', () => {
  test('in which the last own entry may have been is not written behind, until another node has no more', async () => {
    const story = tell();
    const [, , third] = story.entries;
    await using rig = await openWithout(story, third);
    for (const ending of ['closed', 'killed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.deepEqual(wordsOf(rig.replica), [0, 1, 3], 'nothing waits for it');
      assert.ok(rig.replica.status().damaged);
      await rejectsWith(rig.replica.write(words(9)), 'store-damaged');
    }
    assert.ok(third);
    await rig.receive(bundleOf([third]));
    await rejectsWith(rig.replica.write(words(9)), 'store-damaged');
    assert.equal((await rig.replica.mend()).length, 1);
    await rig.replica.write(words(9));
    assert.equal(rig.replica.status().forks.size, 0);
    assert.equal(rig.replica.ownSeq(), 4);
  });

  test('before the last own entry hides none, and is written behind', async () => {
    const story = new Story();
    const lost = story.tell(ben);
    story.tell(ann);
    await using rig = await openWithout(story, lost);
    assert.equal(rig.replica.hasHoles, true);
    assert.equal(rig.replica.status().damaged, false);
    await rig.replica.write(words(9));
    assert.equal(rig.replica.ownSeq(), 2);
  });

  test('that was mended is none any more: a check finds nothing, and no rebuild finds it again', async () => {
    const story = tell();
    const [, lost] = story.entries;
    await using rig = await openWithout(story, lost);
    assert.ok(lost);
    await rig.receive(bundleOf([lost]));
    await rig.time.advance(0);
    assert.deepEqual(
      (await rig.replica.check()).problems.map(({ kind }) => kind),
      ['log-damaged'],
    );
    const [hole] = await rig.replica.mend();
    assert.ok(hole);
    for (const ending of ['closed', 'state-lost'] as const) {
      const { problems, compared } = await rig.replica.check();
      assert.deepEqual({ problems, compared }, { problems: [], compared: true });
      await rig.replica.rebuild();
      await rig.reopen(ending);
      assert.equal(rig.replica.hasHoles, false);
      assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3]);
    }
  });

  test('that a rebuild finds is one from then on', async () => {
    const story = tell();
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ann) });
    for (const entry of story.entries) await rig.receive(bundleOf([entry]));
    const last = [...rig.stored.log.itemsFrom(0)].at(-1);
    assert.ok(last);
    rig.stored.log.damage(last.offset);
    await rig.replica.rebuild({ force: true });
    assert.deepEqual(
      [...rig.replica.holes()].map(({ offset }) => offset),
      [last.offset],
    );
    assert.ok(rig.replica.status().damaged);
  });

  test('behind which more of this node lies than memory has room for takes none of it from a rebuild', async () => {
    const { story, lost } = tellMuch();
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ann) });
    for (const entry of story.entries) await rig.receive(bundleOf([entry]));
    rig.stored.log.damage([...rig.stored.log.itemsFrom(0)][1]?.offset ?? 0);
    await rejectsWith(rig.replica.rebuild(), 'log-lost-entries');
    await rig.replica.rebuild({ force: true });
    await rejectsWith(rig.replica.write(words(9)), 'store-damaged');
    await rig.receive(bundleOf([lost]));
    for (let turn = 0; turn < 200 && rig.replica.status().damaged; turn++) await rig.time.advance(0);
    assert.equal(rig.replica.status().entries, 60);
    assert.equal(rig.replica.status().forks.size, 0);
  });
});

describe('a hole in the log that a peer has filled', () => {
  test('is filled for good: what is counted anew comes in causal order, though the log has it in another', async () => {
    await using rig = await openDamaged();
    const [, second] = tell().entries;
    assert.ok(second);
    await rig.receive(bundleOf([second]));
    await rig.replica.settled();
    const before = viewTrace(rig.replica);
    assert.equal(before.length, 4);
    await rig.setAdmission(allBut(0, ben));
    await rig.setAdmission(everybody);
    assert.deepEqual(viewTrace(rig.replica), before);
  });

  test('lets in all that waited for it, also when the process is killed in the middle of that', async () => {
    const story = new Story();
    const [first, lost] = [story.tell(ann), story.tell(ann)];
    const waiting = [story.tell(ann), story.tell(ben, { deps: [lost] })];
    await using rig = await openWithout(story, lost);
    assert.deepEqual(wordsOf(rig.replica), [0]);
    let commits = 0;
    rig.replica.onCommit(() => {
      // The hole's own, then the first of the two that waited for it.
      if (++commits === 2) rig.disk.kill();
    });
    await rig.receive(bundleOf([lost]));
    await rig.replica.settled();
    assert.equal(commits, 2);
    await rig.reopen();
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3]);
    assert.equal(rig.replica.status().damaged, false);
    for (const entry of [first, lost, ...waiting]) assert.ok(rig.replica.find(refOf(entry)) !== undefined);
  });

  test('lets in more than memory has room for, which waited where it was', async () => {
    const { story, lost } = tellMuch();
    const other = story.tell(ben);
    await using rig = await openWithout(story, lost);
    const { entries, pending, damaged } = rig.replica.status();
    assert.deepEqual({ entries, damaged }, { entries: 2, damaged: true });
    assert.equal(pending, 58, 'though memory has room for some of them only');
    assert.ok(rig.replica.find(refOf(other)) !== undefined, 'what does not wait is not kept waiting');
    await rig.reopen();
    await rig.receive(bundleOf([lost]));
    for (let turn = 0; turn < 200 && rig.replica.status().damaged; turn++) await rig.time.advance(0);
    assert.equal(rig.replica.status().entries, 61);
    assert.equal(rig.replica.status().damaged, false);
    assert.equal(rig.replica.status().pending, 0);
    for (const ending of ['closed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.equal(rig.replica.status().entries, 61);
    }
  });
});

/** a1, a2, a3 of one author and b1 of another. */
function tell(): Story {
  const story = new Story();
  for (const author of [ann, ann, ann, ben]) story.tell(author);
  return story;
}

/** The node's own log of these, the second of them lost, and no state. */
function openDamaged(): Promise<ReplicaRig> {
  const story = tell();
  return openWithout(story, story.entries[1]);
}

/** A node whose log has each of the story's entries in a record of its own, that one lost, and no state. */
async function openWithout(story: Story, lost: HistoryEntry | undefined): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ann) });
  for (const entry of story.entries) await rig.receive(bundleOf([entry]));
  const item = [...rig.stored.log.itemsFrom(0)][story.entries.findIndex((entry) => entry === lost)];
  assert.ok(item);
  rig.stored.log.damage(item.offset);
  await rig.reopen('state-lost');
  return rig;
}

/** 60 entries of a megabyte, of which the second is to get lost. */
function tellMuch(): { readonly story: Story; readonly lost: HistoryEntry } {
  const key = historyKey(0, ann);
  const story = new Story();
  // No machine can read it, and so every one skips it.
  const payload = new Uint8Array(1_000_000);
  const first = story.write({ key, prev: undefined, deps: [], hlc: momentOf(1), payload });
  const lost = story.write({ key, prev: first, deps: [], hlc: momentOf(2), payload });
  let last = lost;
  for (let i = 3; i <= 60; i++) last = story.write({ key, prev: last, deps: [], hlc: momentOf(i), payload });
  return { story, lost };
}
