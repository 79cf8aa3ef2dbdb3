import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import {
  bundleOf,
  bundlesOf,
  causalOrder,
  Dice,
  endOfTimeMs,
  type History,
  type HistoryEntry,
  historyKey,
  playHistory,
  refOf,
  ReplicaRig,
  seesEntry,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { exchange, horizonOf } from './support/exchange.js';
import { offsets } from './support/logged.js';
import { rejectsWith } from './support/rejects.js';
import { runs } from './support/runs.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const [ann, ben] = [1, 2];

describe('damage to what the state has already', () => {
  for (const [finder, find] of [
    ['a read', (rig: ReplicaRig) => readAll(rig)],
    ['a check', async (rig: ReplicaRig) => void (await rig.replica.check())],
    ['whoever else reads the log', async (rig: ReplicaRig) => rig.replica.damage.note(offsets(rig)[1] ?? 0)],
  ] as const) {
    test(`is a hole once ${finder} finds it, is told of, and stays one`, async () => {
      await using rig = await openDamaged([1]);
      let told = 0;
      rig.replica.damage.onFound(() => told++);
      assert.equal(rig.replica.hasHoles, false);
      await find(rig);
      await find(rig);
      await rig.time.advance(0);
      assert.equal(told, 1);
      for (const ending of ['closed', 'killed'] as const) {
        assert.deepEqual(holes(rig), [offsets(rig)[1]]);
        assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3], 'nothing is lost of the state');
        await rig.reopen(ending);
      }
    });
  }

  test('keeps nothing from being written: what this node wrote last is known', async () => {
    for (const lost of [0, 1, 2, 3]) {
      await using rig = await openDamaged([lost]);
      await findAll(rig);
      assert.equal(rig.replica.status().damaged, false);
      await rig.replica.write(words(9));
      assert.equal(rig.replica.ownSeq(), 4);
    }
  });

  test('is not put out of use while the state alone has what was there', async () => {
    await using rig = await openDamaged([1]);
    await findAll(rig);
    assert.deepEqual(await rig.replica.mend(), []);
    await rejectsWith(rig.replica.damage.putBack(), 'log-lost-entries');
    assert.equal(rig.replica.hasHoles, true);
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3]);
  });

  for (const lost of [[0], [1], [2], [3], [0, 1], [1, 3], [0, 1, 2, 3]])
    test(`is mended from another node while the state serves: ${lost.join(' and ')} of 4`, async () => {
      await using rig = await openDamaged(lost);
      await using peer = await openWhole();
      await findAll(rig);
      const before = viewTrace(rig.replica);
      await getBack(rig, peer);
      assert.equal(rig.replica.hasHoles, false);
      assert.deepEqual(viewTrace(rig.replica), before);
      await rig.replica.write(words(9));
      for (const ending of ['closed', 'killed', 'state-lost'] as const) {
        const { problems, compared } = await rig.replica.check();
        assert.deepEqual({ problems, compared }, { problems: [], compared: true });
        assert.deepEqual(wordsOf(rig.replica), [0, 1, 2, 3, 9]);
        assert.equal(rig.replica.status().forks.size, 0);
        await rig.reopen(ending);
      }
      await using third = await ReplicaRig.open({ genesis, machine: traceMachine });
      for (const bundle of rig.replica.outgoing([]).bundles(horizonOf(rig))) await third.receive(bundle);
      await third.time.advance(0);
      assert.equal(toHex(third.replica.digest()), toHex(rig.replica.digest()));
    });

  test('of any history and anywhere is made good by a node that has it in other bundles', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        await using rig = await openWith(history, dice);
        await using peer = await openWith(history, dice);
        await using other = await openWith(history, dice, (entries) => entries.filter(() => dice.oneIn(3)));
        const before = viewTrace(rig.replica);
        for (const offset of offsets(rig)) if (dice.oneIn(4)) rig.stored.log.damage(offset);
        await rig.replica.check();
        await rig.time.advance(0);
        if (rig.replica.damage.isCovered) await getBack(rig, peer);
        assert.equal(rig.replica.hasHoles, false);
        for (const ending of ['closed', 'state-lost'] as const) {
          assert.deepEqual(viewTrace(rig.replica), before);
          assert.equal(toHex(rig.replica.digest()), toHex(peer.replica.digest()));
          await rig.reopen(ending);
        }
        await exchange(rig, other);
        assert.deepEqual(viewTrace(other.replica), before);
        assert.equal(toHex(other.replica.digest()), toHex(peer.replica.digest()));
      }),
      { numRuns: runs(40), includeErrorInReport: true },
    );
  });

  for (const [lost, sent] of [
    [0, []],
    [1, [0]],
    [2, [0, 1]],
    [3, [0, 1, 2]],
  ] as const)
    test(`keeps from a peer what follows it, and nothing else: ${lost} of 4`, async () => {
      await using rig = await openDamaged([lost]);
      await using other = await ReplicaRig.open({ genesis, machine: traceMachine });
      for (const bundle of rig.replica.outgoing([]).bundles(horizonOf(other))) await other.receive(bundle);
      await other.replica.settled();
      assert.deepEqual(wordsOf(other.replica), sent);
      await rig.time.advance(0);
      assert.equal(rig.replica.hasHoles, true, 'who sends finds it');
    });

  test('keeps from a peer what follows it, and nothing else, of any history', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        await using rig = await openWith(history, dice, () => []);
        const order = causalOrder(history.closure(history.entries), dice);
        for (const entry of order) await rig.receive(bundleOf([entry]));
        const lost = order.filter(() => dice.oneIn(8));
        for (const entry of lost) rig.stored.log.damage(offsets(rig)[order.indexOf(entry)] ?? 0);
        await rig.reopen();
        await using other = await openWith(history, dice, () => []);
        for (const bundle of rig.replica.outgoing([]).bundles(horizonOf(other))) await other.receive(bundle);
        const follows = (entry: HistoryEntry) => lost.some((one) => one === entry || seesEntry(entry, one));
        await using right = await openWith(history, dice, (all) => all.filter((entry) => !follows(entry)));
        for (const one of [other, right]) await one.replica.settled();
        assert.deepEqual(viewTrace(other.replica), viewTrace(right.replica));
        assert.equal(toHex(other.replica.digest()), toHex(right.replica.digest()));
      }),
      { numRuns: runs(40), includeErrorInReport: true },
    );
  });

  test('takes nothing into the log that is not lost, however often a peer sends it', async () => {
    await using rig = await openDamaged([3]);
    await findAll(rig);
    const lost = await rig.replica.damage.lost();
    assert.ok(lost);
    const { log } = rig.stored;
    const before = log.end;
    for (const entry of tell().entries.slice(0, 3)) await lost.take(encodeBundle(bundleOf([entry]), 'full'));
    assert.equal(log.end, before);
    assert.equal(lost.missing, 1);
    assert.deepEqual(
      lost.tips.map(({ seq }) => seq).toSorted((x, y) => x - y),
      [1, 2],
    );
  });
});

/** Has the other one send what the first one's log has lost. */
async function getBack(rig: ReplicaRig, peer: ReplicaRig): Promise<void> {
  const lost = await rig.replica.damage.lost();
  assert.ok(lost);
  assert.notEqual(toHex(lost.digest()), toHex(rig.replica.digest()));
  for (const bundle of peer.replica.outgoing(lost.tips).bundles(horizonOf(rig)))
    await lost.take(bundle.encode('full'));
  assert.equal(lost.missing, 0);
  await rig.replica.damage.putBack();
}

/** a1, a2, b1 (which sees a2), a3 (which sees b1). */
function tell(): Story {
  const story = new Story();
  story.tell(ann);
  const second = story.tell(ann);
  const other = story.tell(ben, { deps: [second] });
  story.tell(ann, { deps: [other] });
  return story;
}

async function openWhole(): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, ann) });
  for (const entry of tell().entries) await rig.receive(bundleOf([entry]));
  return rig;
}

async function openWith(
  history: History,
  dice: Dice,
  chosen: (all: readonly HistoryEntry[]) => readonly HistoryEntry[] = (all) => all,
): Promise<ReplicaRig> {
  const time = new VirtualTime({ nowMs: endOfTimeMs });
  const rig = await ReplicaRig.open({ genesis: history.genesis, machine: traceMachine, time });
  const order = causalOrder(history.closure(chosen(history.entries)), dice);
  for (const bundle of bundlesOf(order, dice)) await rig.receive(bundle);
  return rig;
}

/** A node whose log has each entry in a record of its own, some of them lost since; nobody has noticed. */
async function openDamaged(lost: readonly number[]): Promise<ReplicaRig> {
  const rig = await openWhole();
  for (const at of lost) rig.stored.log.damage(offsets(rig)[at] ?? 0);
  await rig.reopen();
  return rig;
}

function holes(rig: ReplicaRig): number[] {
  return [...rig.replica.holes()].map(({ offset }) => offset);
}

async function readAll(rig: ReplicaRig): Promise<void> {
  for (const entry of tell().entries) {
    const ref = rig.replica.find(refOf(entry));
    assert.ok(ref !== undefined);
    try {
      rig.replica.payload(ref);
    } catch (error) {
      assert.equal((error as { code?: string }).code, 'log-damaged');
    }
  }
}

async function findAll(rig: ReplicaRig): Promise<void> {
  await readAll(rig);
  await rig.time.advance(0);
}
