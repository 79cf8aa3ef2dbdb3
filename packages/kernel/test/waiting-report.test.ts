import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { hlcToMs, type IdKey, idKey, maxDriftMs } from '@lattice/model';
import {
  bundleOf,
  historyBeginsMs,
  type HistoryEntry,
  historyKey,
  refOf,
  ReplicaRig,
} from '@lattice/testkit';
import { genesis, Story } from './support/story.js';
import { blindMachine, traceMachine } from './support/trace.js';

const [ann, ben, cat] = [1, 2, 3];
const hourMs = 3_600_000;

describe('of what is pending, a replica tells', () => {
  test('the one entry that a whole row lacks, how many wait for it, and who sent them', async () => {
    const story = new Story();
    const [a1, ...row] = [story.tell(ann), story.tell(ann), story.tell(ann)];
    const b1 = story.tell(ben, { deps: row.slice(-1) });
    await using rig = await open();
    const sender = idKey(historyKey(0, ben).nodeId);
    for (const entry of [b1, ...row].reverse()) await rig.receive(bundleOf([entry]), 'full', sender);
    assert.deepEqual(rig.replica.waiting().missing, [{ entry: refOf(a1), waiting: 3, from: sender }]);
    await rig.receive(bundleOf([a1]));
    await rig.time.advance(0);
    assert.deepEqual(rig.replica.waiting().missing, []);
  });

  test('those first that most wait for, and no more than 16', async () => {
    const story = new Story();
    await using rig = await open();
    const firsts: HistoryEntry[] = [];
    for (let author = 0; author < 20; author++) {
      firsts.push(story.tell(author));
      for (let i = 0; i <= author; i++) await rig.receive(bundleOf([story.tell(author)]));
    }
    const { missing } = rig.replica.waiting();
    assert.deepEqual(
      missing.map(({ entry, waiting }) => [idKey(entry.author), waiting]),
      firsts
        .map(({ entry }, author) => [idKey(entry.author), author + 1])
        .reverse()
        .slice(0, 16),
    );
  });

  test('nothing of what waits for an entry that is held: that one is here', async () => {
    const story = new Story();
    const ahead = story.tell(ann, { atMs: hourMs });
    await using rig = await open();
    await rig.receive(bundleOf([ahead]));
    await rig.receive(bundleOf([story.tell(ben, { deps: [ahead] })]));
    assert.equal(rig.replica.status().pending, 1);
    assert.deepEqual(rig.replica.waiting().missing, []);
  });

  test('nothing of what is itself dated ahead, as what it lacks would be held too', async () => {
    const story = new Story();
    const lacked = story.tell(ann, { atMs: hourMs });
    const after = [story.tell(ann, { atMs: hourMs }), story.tell(ann, { atMs: hourMs })];
    await using rig = await open();
    for (const entry of after) await rig.receive(bundleOf([entry]));
    const { missing, heldAuthors } = rig.replica.waiting();
    assert.deepEqual([rig.replica.status().pending, missing], [2, []]);
    assert.deepEqual(
      heldAuthors.map(({ author, entries }) => [idKey(author), entries]),
      [[keyOf(ann), 2]],
    );
    rig.time.setNowMs(historyBeginsMs + hourMs);
    assert.deepEqual(
      rig.replica.waiting().missing.map(({ entry, waiting }) => [entry, waiting]),
      [[refOf(lacked), 2]],
      'once its time has come it is plainly missing',
    );
  });

  test('that it is its own log that lacks it, where that is damaged', async () => {
    const story = new Story();
    await using rig = await open();
    for (const _ of [1, 2, 3]) await rig.receive(bundleOf([story.tell(ann)]));
    const [, second] = [...rig.stored.log.itemsFrom(0)];
    assert.ok(second);
    rig.stored.log.damage(second.offset);
    await rig.reopen('state-lost');
    const { missing } = rig.replica.waiting();
    assert.deepEqual(
      missing.map(({ entry, waiting, from }) => [entry.seq, waiting, from]),
      [[2, 1, 'log']],
    );
  });

  test('as much as fits in the waiting room, in no time', async () => {
    const story = new Story();
    await using rig = await ReplicaRig.open({ genesis, machine: blindMachine });
    const rows = Array.from({ length: 4 }, (_, author) => {
      story.tell(author);
      return Array.from({ length: 1_000 }, () => story.tell(author, { words: [] }));
    });
    for (const entry of rows.flat().reverse())
      await rig.receive(bundleOf([entry]), 'full', idKey(entry.entry.author));
    const { missing } = rig.replica.waiting();
    assert.deepEqual(
      missing.map(({ entry, waiting }) => [entry.seq, waiting]),
      rows.map(() => [1, 1_000]),
    );
  });
});

describe('of what is held, a replica tells', () => {
  test('the authors who claim a time that has not come, how much of theirs, and the latest', async () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann, { atMs: hourMs }), story.tell(ann, { atMs: 2 * hourMs })];
    // It comes after, and claims no more than it should.
    const b1 = story.tell(ben, { atMs: 0, deps: [a2] });
    const c1 = story.tell(cat, { atMs: 3 * hourMs });
    await using rig = await open();
    for (const bundle of [[a1, a2, b1], [c1]]) await rig.receive(bundleOf(bundle));
    assert.equal(rig.replica.status().held, 4);
    const told = rig.replica.waiting().heldAuthors;
    assert.deepEqual(
      told.map(({ author, entries, latest }) => [idKey(author), entries, hlcToMs(latest) - historyBeginsMs]),
      [
        [keyOf(ann), 2, 2 * hourMs],
        [keyOf(cat), 1, 3 * hourMs],
      ],
    );
    rig.time.setNowMs(historyBeginsMs + 3 * hourMs - maxDriftMs);
    await rig.time.advance(5_000);
    assert.deepEqual(rig.replica.waiting().heldAuthors, []);
  });
});

function keyOf(author: number): IdKey {
  return idKey(historyKey(0, author).nodeId);
}

function open(): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine });
}
