import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { idKey } from '@lattice/model';
import { ByteWriter } from '@lattice/proto';
import {
  bundleOf,
  historyBeginsMs,
  historyKey,
  mustFind,
  refOf,
  ReplicaRig,
  type RigOptions,
} from '@lattice/testkit';
import { exchange, send } from './support/exchange.js';
import { genesis, Story } from './support/story.js';
import { rejectsWith } from './support/rejects.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';

const [ann, ben] = [1, 2];
const [minute, hour] = [60_000, 3_600_000];

describe('an entry that names another in `instead`', () => {
  for (const first of ['the original', 'the new one'] as const) {
    test(`takes its place where it is of the same author and dated no later, if ${first} comes first`, async () => {
      const story = new Story();
      const a1 = story.tell(ann, { words: [1] });
      const original = story.tell(ann, { after: a1, atMs: hour, words: [2] });
      const again = story.tell(ann, { after: a1, atMs: minute, words: [3], instead: original });
      await using rig = await openAs(ben, { aheadMs: hour });
      await rig.receive(bundleOf([a1]));
      for (const entry of first === 'the original' ? [original, again] : [again, original])
        await rig.receive(bundleOf([entry]));
      await rig.replica.settled();
      assert.deepEqual(wordsOf(rig.replica), [1, 3]);
      assert.equal(rig.replica.status().entries, 3, 'the original is kept all the same');
      const ref = mustFind(rig.replica, refOf(original));
      assert.equal(
        rig.replica.applied.entryAt(ref),
        undefined,
        'who follows what is applied is not told of it',
      );
      const told = [...rig.replica.history()].map(({ replaced, instead }) => [
        replaced,
        instead !== undefined,
      ]);
      assert.deepEqual(told, [
        [true, false],
        [false, true],
        [false, false],
      ]);
    });
  }

  test('has no say over what is dated before it, or is by somebody else', async () => {
    const story = new Story();
    const early = story.tell(ann, { atMs: 1, words: [1] });
    const late = story.tell(ann, { after: 'genesis', atMs: minute, words: [2], instead: early });
    const foreign = story.tell(ben, { atMs: 2, words: [3], instead: late });
    await using rig = await openAs(ben, { aheadMs: hour });
    await rig.receive(bundleOf([early, late, foreign]));
    await rig.replica.settled();
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
  });

  test('takes its place also when it is itself taken the place of, so that nothing takes effect twice', async () => {
    const story = new Story();
    const third = story.tell(ann, { after: 'genesis', atMs: 3 * hour, words: [1] });
    const second = story.tell(ann, { after: 'genesis', atMs: 2 * hour, words: [2], instead: third });
    const first = story.tell(ann, { after: 'genesis', atMs: hour, words: [3], instead: second });
    await using rig = await openAs(ben, { aheadMs: 4 * hour });
    for (const entry of [third, second, first]) await rig.receive(bundleOf([entry]));
    await rig.replica.settled();
    assert.deepEqual(wordsOf(rig.replica), [3]);
  });

  test('takes no place once it stops counting', async () => {
    const story = new Story();
    const original = story.tell(ann, { atMs: hour, words: [1] });
    const again = story.tell(ann, { after: 'genesis', atMs: minute, words: [2], instead: original });
    await using rig = await openAs(ben, { aheadMs: hour });
    await rig.receive(bundleOf([original]));
    await rig.receive(bundleOf([again]));
    await rig.replica.settled();
    assert.deepEqual(wordsOf(rig.replica), [2]);
    const cutOffs = [[{ seq: 1, hash: original.hash }]];
    const rule = { spans: [{ after: -1n as typeof original.time }], cutOffs };
    await rig.setAdmission({ rule: () => rule, authors: () => [], alsoKept: () => [] });
    assert.deepEqual(wordsOf(rig.replica), [1]);
  });

  test('changes nothing that a check of the store or a rebuild would find otherwise', async () => {
    await using rig = await strandedRig();
    await rig.replica.repairClock();
    const before = viewTrace(rig.replica);
    const { problems, compared } = await rig.replica.check();
    assert.deepEqual([problems, compared], [[], true]);
    await rig.replica.rebuild();
    assert.deepEqual(viewTrace(rig.replica), before);
  });
});

describe('a node whose clock was ahead', () => {
  test('issues what it wrote again, in order, and each operation takes effect once, whoever hears of what first', async () => {
    await using rig = await strandedRig();
    assert.deepEqual(rig.replica.stranded()?.entries, 3);
    await using early = await openAs(ben);
    await send(rig, early);
    assert.deepEqual(wordsOf(early.replica), [1]);
    await using late = await openAs(ben, { aheadMs: 3 * hour });
    await send(rig, late);
    assert.deepEqual(wordsOf(late.replica), [1, 2, 3, 4]);

    assert.deepEqual(await rig.replica.repairClock(), { reissued: 3, left: 0 });
    assert.equal(rig.replica.stranded(), undefined);
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4]);
    await rig.replica.write(words(5));
    for (const other of [early, late]) {
      await send(rig, other);
      await other.replica.settled();
      assert.deepEqual(viewTrace(other.replica), viewTrace(rig.replica));
    }
    assert.deepEqual(wordsOf(early.replica), [1, 2, 3, 4, 5]);
    early.time.setNowMs(historyBeginsMs + 3 * hour);
    await send(rig, early);
    assert.deepEqual(viewTrace(early.replica), viewTrace(rig.replica));
    assert.equal(idKey(early.replica.digest()), idKey(rig.replica.digest()));
    for (const { replica } of [rig, early, late]) assert.equal(replica.status().forks.size, 1);
  });

  test('goes on from the new branch also after it was opened again, however that came about', async () => {
    await using rig = await strandedRig();
    await rig.replica.repairClock();
    for (const ending of ['closed', 'killed', 'state-lost'] as const) {
      await rig.reopen(ending);
      await rig.replica.write(words(9));
      assert.equal(rig.replica.stranded(), undefined, ending);
      assert.deepEqual([...rig.replica.status().forks.values()], [2], ending);
    }
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 9, 9, 9]);
  });

  test('is repaired once: a second time there is nothing to do', async () => {
    await using rig = await strandedRig();
    await rig.replica.repairClock();
    const { entries } = rig.replica.status();
    assert.equal(await rig.replica.repairClock(), undefined);
    assert.equal(rig.replica.status().entries, entries);
  });

  test('is repaired to the end where that was cut off in the middle, without anything twice', async () => {
    const count = 1_100;
    await using rig = await openAs(ann, { aheadMs: 2 * hour, machine: wordMachine });
    for (let word = 0; word < count; word++) await rig.replica.write(words(word % 256));
    const expected = wordsOf(rig.replica);
    rig.time.setNowMs(historyBeginsMs);
    await rig.reopen('closed');
    const stop = rig.replica.onCommit(() => {
      stop();
      rig.disk.kill();
    });
    await assert.rejects(rig.replica.repairClock());
    await rig.reopen('closed');
    assert.ok(rig.replica.status().entries > count, 'some of it was done');
    assert.equal(rig.replica.stranded()?.entries, count);
    await rig.replica.repairClock();
    assert.deepEqual(wordsOf(rig.replica), expected);
    assert.equal(rig.replica.status().entries, 2 * count);
    assert.equal(rig.replica.stranded(), undefined);
  });

  for (const first of ['ann', 'ben'] as const) {
    test(`names what another issued again in place of what that dated too far ahead as well (${first} is repaired first)`, async () => {
      await using mine = await openAs(ann, { aheadMs: 2 * hour });
      await using other = await openAs(ben, { aheadMs: 2 * hour });
      await using timely = await openAs(3);
      for (const [rig, word] of [
        [mine, 1],
        [other, 2],
        [mine, 3],
        [other, 4],
      ] as const) {
        await rig.replica.write(words(word));
        await exchange(mine, other);
      }
      for (const rig of [mine, other]) {
        rig.time.setNowMs(historyBeginsMs);
        await rig.reopen('closed');
      }
      assert.deepEqual(seenOf(mine), { 1: [], 2: [1], 3: [1, 2], 4: [1, 2, 3] });
      for (const rig of first === 'ann' ? [mine, other] : [other, mine]) {
        assert.deepEqual(await rig.replica.repairClock(), { reissued: 2, left: 0 });
        await exchange(mine, other);
      }
      // Who goes first has nothing to name instead: what the other wrote is then beside it.
      const expected =
        first === 'ann' ? { 1: [], 2: [1], 3: [1], 4: [1, 2, 3] } : { 1: [], 2: [], 3: [1, 2], 4: [2] };
      for (const rig of [mine, other]) {
        await exchange(rig, timely);
        assert.equal(rig.replica.stranded(), undefined);
      }
      for (const rig of [mine, other, timely]) {
        assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4]);
        assert.deepEqual(seenOf(rig), expected);
        assert.equal(rig.replica.status().forks.size, rig === timely ? 0 : 2);
      }
      for (const rig of [mine, other, timely]) rig.time.setNowMs(historyBeginsMs + 3 * hour);
      await exchange(mine, timely);
      assert.deepEqual(viewTrace(timely.replica), viewTrace(mine.replica));
      assert.equal(idKey(timely.replica.digest()), idKey(other.replica.digest()));
      assert.deepEqual(seenOf(timely), expected, 'the originals change nothing when their time comes');
    });
  }

  test('leaves a store alone in which nothing that it writes now would count', async () => {
    await using rig = await strandedRig();
    const rule = {
      spans: [{ after: ((BigInt(historyBeginsMs) + BigInt(hour)) << 16n) as never }],
      cutOffs: [],
    };
    await rig.setAdmission({ rule: () => rule, authors: () => [], alsoKept: () => [] });
    const { entries } = rig.replica.status();
    await rejectsWith(rig.replica.repairClock(), 'clock-not-repaired');
    assert.equal(rig.replica.status().entries, entries);
  });

  test('issues nothing again in a store that says itself what counts: it only goes on from before', async () => {
    await using rig = await strandedRig({ projectUncounted: true });
    assert.deepEqual(await rig.replica.repairClock(), { reissued: 0, left: 3 });
    await rig.replica.write(words(5));
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5]);
    await using other = await openAs(ben, { projectUncounted: true });
    await send(rig, other);
    assert.deepEqual(wordsOf(other.replica), [1, 5]);
  });
});

/** Which words each word's entry sees, where each was written once. */
function seenOf({ replica }: ReplicaRig): Readonly<Record<number, readonly number[]>> {
  const rows = viewTrace(replica) as readonly {
    readonly word: number;
    readonly entry: string;
    readonly sees: readonly string[];
  }[];
  const wordOf = new Map(rows.map(({ entry, word }) => [`${entry} 0`, word]));
  return Object.fromEntries(
    rows.map(({ word, sees }) => [word, sees.map((name) => wordOf.get(name) ?? 0).sort((a, b) => a - b)]),
  );
}

/** As the trace machine, but for what an operation sees, which takes long of many. */
const wordMachine: typeof traceMachine = {
  ...traceMachine,
  apply: ({ word }, { ref, op }, state) =>
    state.put(new ByteWriter(16).u64(ref).u32(op).finish(), Uint8Array.of(word)),
};

/** Of a node that wrote 1 with a right clock, and 2, 3 and 4 with one that is two hours ahead, and was set right since. */
async function strandedRig(options: Partial<RigOptions> = {}): Promise<ReplicaRig> {
  const rig = await openAs(ann, options);
  await rig.replica.write(words(1));
  rig.time.setNowMs(historyBeginsMs + 2 * hour);
  for (const word of [2, 3, 4]) await rig.replica.write(words(word));
  rig.time.setNowMs(historyBeginsMs + 10);
  await rig.reopen('closed');
  return rig;
}

async function openAs(
  author: number,
  { aheadMs = 0, ...options }: Partial<RigOptions> & { readonly aheadMs?: number } = {},
): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({
    genesis,
    machine: traceMachine,
    key: historyKey(0, author),
    ...options,
  });
  rig.time.setNowMs(historyBeginsMs + aheadMs);
  return rig;
}
