import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type IdKey, maxDriftMs } from '@lattice/model';
import { bundleOf, historyBeginsMs, type HistoryEntry, historyKey, ReplicaRig } from '@lattice/testkit';
import { genesis, Story } from './support/story.js';
import { blindMachine, traceMachine, words, wordsOf } from './support/trace.js';

const [ann, ben, cat] = [1, 2, 3];
const hourMs = 3_600_000;

describe('a bundle that lacks an ancestor', () => {
  test('is in no state, tip or digest until the ancestor comes', async () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann), story.tell(ann)];
    await using rig = await open();
    const digest = rig.replica.digest();
    assert.deepEqual(await rig.receive(bundleOf([a2])), { kind: 'pending' });
    assert.equal(rig.replica.status().pending, 1);
    assert.deepEqual([rig.replica.digest(), rig.replica.tips(), wordsOf(rig.replica)], [digest, [], []]);
    assert.equal(rig.replica.lookUp(a2.entry.author, 2), undefined);
    assert.deepEqual(await rig.receive(bundleOf([a1])), { kind: 'admitted', entries: 1 });
    await rig.time.advance(0);
    assert.equal(rig.replica.status().pending, 0);
    assert.deepEqual(wordsOf(rig.replica), [0, 1]);
  });

  test('comes in with all that waited for it, however long the row', async () => {
    const story = new Story();
    const row = Array.from({ length: 40 }, (_, i) => {
      const last = story.entries.at(-1);
      return story.tell(i % 3, { deps: last ? [last] : [] });
    });
    await using rig = await open();
    for (const entry of [...row].reverse()) await rig.receive(bundleOf([entry]));
    await rig.time.advance(0);
    assert.deepEqual(
      wordsOf(rig.replica),
      row.map((_, i) => i),
    );
    assert.equal(rig.replica.status().pending, 0);
  });

  test('waits on, for the next ancestor that is missing', async () => {
    const story = new Story();
    const [a1, b1] = [story.tell(ann), story.tell(ben)];
    const c1 = story.tell(cat, { deps: [a1, b1] });
    await using rig = await open();
    await rig.receive(bundleOf([c1]));
    for (const [entry, pending] of [
      [b1, 1],
      [a1, 0],
    ] as const) {
      await rig.receive(bundleOf([entry]));
      await rig.time.advance(0);
      assert.equal(rig.replica.status().pending, pending);
    }
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 2]);
  });

  test('waits for an entry that matches on author, seq and hash, not on the hash alone', async () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann), story.tell(ann)];
    const misnaming = { ...a1, entry: { ...a1.entry, seq: 2 } };
    const c1 = story.tell(cat, { deps: [misnaming] });
    await using rig = await open();
    for (const entry of [a1, a2]) await rig.receive(bundleOf([entry]));
    assert.deepEqual(await rig.receive(bundleOf([c1])), { kind: 'pending' });
    await rig.time.advance(0);
    assert.deepEqual(wordsOf(rig.replica), [0, 1]);
  });

  test('whole: nothing of it comes in though most of it could', async () => {
    const story = new Story();
    const [a1, b1] = [story.tell(ann), story.tell(ben)];
    const c1 = story.tell(cat, { deps: [b1] });
    await using rig = await open();
    assert.deepEqual(await rig.receive(bundleOf([a1, c1])), { kind: 'pending' });
    assert.deepEqual(wordsOf(rig.replica), []);
    assert.equal(rig.replica.status().pending, 2);
  });
});

describe('the waiting room', () => {
  test('drops the oldest of a sender who exceeds 4,096 entries, and of nobody else', async () => {
    const story = new Story();
    const heads = [story.tell(100), story.tell(101)];
    const row = (author: number, length: number): HistoryEntry[] => {
      const entries = [story.tell(author, { deps: heads, words: [1] })];
      while (entries.length < length)
        entries.push(story.tell(author, { after: entries.at(-1) ?? 'genesis', words: [1] }));
      return entries;
    };
    await using rig = await ReplicaRig.open({ genesis, machine: blindMachine });
    await rig.receive(bundleOf(row(102, 1)), 'full', 'a quiet peer' as IdKey);
    for (const author of [0, 1, 2, 3, 4])
      await rig.receive(bundleOf(row(author, 1_000)), 'full', 'a loud peer' as IdKey);
    assert.equal(rig.replica.status().pending, 4_001);
    for (const head of heads) await rig.receive(bundleOf([head]));
    await rig.time.advance(0);
    assert.equal(rig.replica.status().entries, 2 + 4_001);
  });
});

describe('an entry from the future', () => {
  test('is held until local time comes near enough, and then let in', async () => {
    const story = new Story();
    const ahead = story.tell(ann, { atMs: hourMs });
    await using rig = await open();
    assert.deepEqual(await rig.receive(bundleOf([ahead])), { kind: 'held' });
    assert.deepEqual([rig.replica.status().held, rig.replica.status().entries], [1, 0]);
    await rig.time.advance(hourMs - maxDriftMs - 10_000);
    assert.equal(rig.replica.status().held, 1);
    await rig.time.advance(20_000);
    assert.deepEqual([rig.replica.status().held, rig.replica.status().entries], [0, 1]);
    assert.deepEqual(wordsOf(rig.replica), [0]);
  });

  test('is let in within seconds of a clock that is put right', async () => {
    const story = new Story();
    await using rig = await open();
    await rig.receive(bundleOf([story.tell(ann, { atMs: hourMs })]));
    rig.time.setNowMs(historyBeginsMs + hourMs);
    await rig.time.advance(5_000);
    assert.equal(rig.replica.status().entries, 1);
  });

  test('up to the drift that is allowed is not held', async () => {
    const story = new Story();
    await using rig = await open();
    assert.equal((await rig.receive(bundleOf([story.tell(ann, { atMs: maxDriftMs })]))).kind, 'admitted');
    assert.equal((await rig.receive(bundleOf([story.tell(ben, { atMs: maxDriftMs + 1 })]))).kind, 'held');
  });

  test('holds what sees it, whatever that claims', async () => {
    const story = new Story();
    const ahead = story.tell(ann, { atMs: hourMs });
    const behind = story.tell(ben, { atMs: 0, deps: [ahead] });
    await using rig = await open();
    assert.deepEqual(await rig.receive(bundleOf([ahead, behind])), { kind: 'held' });
    assert.deepEqual(await rig.receive(bundleOf([behind])), { kind: 'pending' });
    await rig.time.advance(hourMs);
    assert.equal(rig.replica.status().entries, 2);
    assert.deepEqual([rig.replica.status().held, rig.replica.status().pending], [0, 0]);
  });

  test("is not held where it is the node's own", async () => {
    const story = new Story();
    const ahead = story.tell(ann, { atMs: hourMs });
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ann) });
    assert.equal((await rig.receive(bundleOf([ahead]))).kind, 'admitted');
    await rig.replica.write(words(9));
    assert.deepEqual(
      rig.replica.tips().map(({ seq }) => seq),
      [2],
    );
  });

  test('is not held by a rebuild', async () => {
    const story = new Story();
    await using rig = await open();
    rig.time.setNowMs(historyBeginsMs + hourMs);
    await rig.receive(bundleOf([story.tell(ann, { atMs: hourMs })]));
    rig.time.setNowMs(historyBeginsMs);
    await rig.reopen('state-lost');
    assert.deepEqual([rig.replica.status().entries, rig.replica.status().held], [1, 0]);
  });

  test('leaves no timer behind when the store is closed', async () => {
    const story = new Story();
    const rig = await open();
    await rig.receive(bundleOf([story.tell(ann, { atMs: hourMs })]));
    assert.equal(rig.time.timersSet, 1);
    await rig.close();
    assert.equal(rig.time.timersSet, 0);
  });
});

function open(): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine });
}
