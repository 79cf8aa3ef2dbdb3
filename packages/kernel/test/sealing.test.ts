import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  compareEntryRefs,
  depsMax,
  type Entry,
  type Hash,
  type Hlc,
  hlcFromMs,
  hlcLimit,
  type LocalRef,
  maxDriftMs,
  toHex,
} from '@lattice/model';
import {
  bundleOf,
  Dice,
  everybody,
  headsOf,
  historyBeginsMs,
  type HistoryEntry,
  historyKey,
  mustFind,
  playHistory,
  refOf,
  ReplicaRig,
  type RigOptions,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { allBut } from './support/admissions.js';
import { holdingOf } from './support/counting-oracle.js';
import { logged } from './support/logged.js';
import { runs } from './support/runs.js';
import { genesis, momentOf, Story } from './support/story.js';
import { blindMachine, traceMachine, words, wordsOf } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const [self, ann, ben] = [0, 1, 2];
const hourMs = 3_600_000;

describe('an own entry', () => {
  test('names the heads of what is kept, and sees all of it', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        const time = new VirtualTime({ nowMs: historyBeginsMs + 48 * hourMs });
        await using rig = await ReplicaRig.open({ genesis: history.genesis, machine: traceMachine, time });
        for (const entry of history.entries) if (dice.below(4) > 0) await rig.receive(bundleOf([entry]));
        const holding = holdingOf(rig.replica, history);
        const entry = await write(rig, 1);
        assert.deepEqual(entry.deps.map(({ hash }) => toHex(hash)).sort(), hashes(headsOf(holding)));
        const written = ownTip(rig);
        for (const held of holding) {
          const ref = rig.replica.find(refOf(held));
          assert.ok(ref !== undefined && rig.replica.sees(written.ref, ref));
        }
      }),
      { numRuns: runs(40), includeErrorInReport: true },
    );
  });

  test('names nothing again that its own last entry sees', async () => {
    const story = new Story();
    await using rig = await open();
    await rig.receive(bundleOf([story.tell(ann)]));
    assert.equal((await write(rig, 1)).deps.length, 1);
    assert.equal((await write(rig, 2)).deps.length, 0);
  });

  test('does not name what does not count', async () => {
    const story = new Story();
    await using rig = await open({ admission: allBut(0, ann) });
    for (const author of [ann, ben]) await rig.receive(bundleOf([story.tell(author)]));
    assert.deepEqual(
      (await write(rig, 1)).deps.map(({ author }) => toHex(author)),
      [idOf(ben)],
    );
  });

  test('does not name what a wrong clock has dated too far ahead', async () => {
    const story = new Story();
    const [near, far] = [story.tell(ann, { atMs: maxDriftMs }), story.tell(ben, { atMs: hourMs })];
    await using rig = await open();
    rig.time.setNowMs(historyBeginsMs + hourMs);
    for (const entry of [near, far]) await rig.receive(bundleOf([entry]));
    rig.time.setNowMs(historyBeginsMs);
    assert.deepEqual((await write(rig, 1)).deps, [refOf(near)]);
    rig.time.setNowMs(historyBeginsMs + hourMs);
    assert.deepEqual((await write(rig, 2)).deps, [refOf(far)]);
  });

  test('names what lies before that, and is not dated ahead, in its place', async () => {
    const story = new Story();
    const first = story.tell(ann);
    const second = story.tell(ben, { deps: [first] });
    const third = story.tell(3);
    const ahead = story.tell(ben, { deps: [third], atMs: hourMs });
    const further = story.tell(ann, { deps: [ahead], atMs: hourMs + 1 });
    await using rig = await open();
    rig.time.setNowMs(historyBeginsMs + hourMs);
    for (const entry of [first, second, third, ahead, further]) await rig.receive(bundleOf([entry]));
    rig.time.setNowMs(historyBeginsMs);
    assert.deepEqual((await write(rig, 1)).deps, [second, third].map(refOf).sort(compareEntryRefs));
    assert.deepEqual((await write(rig, 2)).deps, []);
    rig.time.setNowMs(historyBeginsMs + 2 * hourMs);
    assert.deepEqual((await write(rig, 3)).deps, [refOf(further)]);
  });

  test('names at most 8 branches of one author', async () => {
    const story = new Story();
    const a1 = story.tell(ann);
    for (let i = 0; i < 12; i++) story.tell(ann, { after: a1 });
    await using rig = await open();
    await rig.receive(bundleOf(story.entries));
    const { deps } = await write(rig, 1);
    assert.equal(deps.length, 8);
    assert.deepEqual([...rig.replica.status().forks.values()], [12]);
  });
});

describe('more heads than an entry may name', () => {
  test('are merged first, by entries without operations', async () => {
    await using rig = await open({ machine: blindMachine });
    await receiveHeads(rig, 200);
    await write(rig, 1);
    const entries = ownEntries(rig);
    assert.deepEqual(
      entries.map(({ payload }) => payload.length > 0),
      [false, false, false, true],
    );
    assert.deepEqual(
      entries.map(({ deps }) => deps.length),
      [depsMax, depsMax, depsMax, 8],
    );
    assert.equal((await write(rig, 2)).deps.length, 0);
  });

  test('up to the bound need no merging', async () => {
    await using rig = await open({ machine: blindMachine });
    await receiveHeads(rig, depsMax);
    assert.equal((await write(rig, 1)).deps.length, depsMax);
    assert.equal(ownEntries(rig).length, 1);
  });

  test('are merged once only where the node itself does not count', async () => {
    await using rig = await open({ machine: blindMachine, admission: allBut(0, self) });
    await receiveHeads(rig, 100);
    await write(rig, 1);
    await write(rig, 2);
    assert.deepEqual(
      ownEntries(rig).map(({ deps }) => deps.length),
      [depsMax, 36, 0],
    );
  });
});

describe('the clock', () => {
  test('claims the wall time, and more than anything kept', async () => {
    const story = new Story();
    await using rig = await open();
    rig.time.setNowMs(historyBeginsMs + 1_000);
    assert.equal((await write(rig, 1)).hlc, momentOf(1_000));
    assert.equal((await write(rig, 2)).hlc, momentOf(1_000) + 1n);
    await rig.receive(bundleOf([story.tell(ann, { atMs: 60_000 })]));
    assert.equal((await write(rig, 3)).hlc, momentOf(60_000) + 1n);
    rig.time.setNowMs(historyBeginsMs + 120_000);
    assert.equal((await write(rig, 4)).hlc, momentOf(120_000));
  });

  test('goes on from what is kept after the store was opened again, also beside an entry that is too far ahead', async () => {
    const story = new Story();
    await using rig = await open();
    rig.time.setNowMs(historyBeginsMs + hourMs);
    await rig.receive(bundleOf([story.tell(ann, { atMs: 60_000 })]));
    await rig.receive(bundleOf([story.tell(ann, { atMs: hourMs })]));
    await rig.receive(bundleOf([story.tell(ben, { atMs: 30_000 })]));
    rig.time.setNowMs(historyBeginsMs);
    await rig.reopen();
    assert.equal((await write(rig, 1)).hlc, momentOf(60_000) + 1n);
  });

  test('is not moved by what does not count', async () => {
    const story = new Story();
    await using rig = await open({ admission: allBut(0, ann) });
    await rig.receive(bundleOf([story.tell(ann, { atMs: 60_000 })]));
    assert.equal((await write(rig, 1)).hlc, momentOf(0));
    await rig.reopen();
    assert.equal((await write(rig, 2)).hlc, momentOf(0) + 1n);
  });

  test('is moved by what comes to count', async () => {
    const story = new Story();
    await using rig = await open({ admission: 'none', projectUncounted: true });
    await rig.receive(bundleOf([story.tell(ann, { atMs: 60_000 })]));
    await rig.setAdmission(everybody);
    assert.equal((await write(rig, 1)).hlc, momentOf(60_000) + 1n);
  });

  test('that jumped back makes no entry earlier than one before', async () => {
    await using rig = await open();
    rig.time.setNowMs(historyBeginsMs + hourMs);
    await write(rig, 1);
    rig.time.setNowMs(historyBeginsMs);
    const first = ownTip(rig);
    await write(rig, 2);
    await rig.reopen();
    await write(rig, 3);
    assert.ok(ownTip(rig).time > first.time);
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
  });

  test('that is beyond the end of time claims the end, and time goes on', async () => {
    await using rig = await open();
    rig.time.setNowMs(2 ** 48);
    const entries = [await write(rig, 1), await write(rig, 2)];
    assert.deepEqual(
      entries.map(({ hlc }) => hlc),
      [hlcLimit - 1n, hlcLimit - 1n],
    );
    assert.equal(ownTip(rig).time, hlcLimit as Hlc);
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
  });

  test('carries into the milliseconds when one of them is used up', async () => {
    const story = new Story();
    const last = story.write({
      key: historyKey(0, ann),
      prev: undefined,
      deps: [],
      hlc: (hlcFromMs(historyBeginsMs + 1) - 1n) as Hlc,
      payload: new Uint8Array(0),
    });
    await using rig = await open();
    await rig.receive(bundleOf([last]));
    assert.equal((await write(rig, 1)).hlc, hlcFromMs(historyBeginsMs + 1));
  });
});

function open(options: Partial<RigOptions> = {}): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, self), ...options });
}

async function receiveHeads(rig: ReplicaRig, count: number): Promise<void> {
  const story = new Story();
  const heads = Array.from({ length: count }, (_, i) => story.tell(i + 1, { words: [1] }));
  await rig.receive(bundleOf(heads));
}

async function write(rig: ReplicaRig, word: number): Promise<Entry> {
  await rig.replica.write(words(word));
  const last = logged(rig).at(-1);
  assert.ok(last);
  return last.entry;
}

function ownTip(rig: ReplicaRig): { readonly ref: LocalRef; readonly time: Hlc } {
  const last = logged(rig).at(-1);
  assert.ok(last);
  const ref = mustFind(rig.replica, last.ref);
  return { ref, time: rig.replica.info(ref).time };
}

function ownEntries(rig: ReplicaRig): Entry[] {
  return logged(rig)
    .map(({ entry }) => entry)
    .filter(({ author }) => toHex(author) === idOf(self));
}

function hashes(entries: readonly HistoryEntry[]): string[] {
  return entries.map(({ hash }: { readonly hash: Hash }) => toHex(hash)).sort();
}

function idOf(author: number): string {
  return toHex(historyKey(0, author).nodeId);
}
