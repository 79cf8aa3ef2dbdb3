import assert from 'node:assert/strict';
import { type AnyMachine, verifyBundle } from '@lattice/kernel';
import { describe, test } from 'node:test';
import { type Admission, type Bundle, type Hlc, type IdKey, toHex } from '@lattice/model';
import { encodePayload } from '@lattice/proto';
import {
  bundleOf,
  bundlesOf,
  causalOrder,
  Dice,
  endOfTimeMs,
  everybody,
  forksOf,
  historyBeginsMs,
  type History,
  type HistoryEntry,
  historyKey,
  opened,
  playHistory,
  refOf,
  ReplicaRig,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { drawAdmission } from './support/admissions.js';
import { exchange, horizonOf, send } from './support/exchange.js';
import { runs } from './support/runs.js';
import { genesis, momentOf, Story } from './support/story.js';
import { blindMachine, traceMachine, viewTrace } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const [ann, ben, cat] = [1, 2, 3];
const report = { includeErrorInReport: true };

describe('what a peer lacks', () => {
  test('brings two replicas with any parts of a history to the same digest and state', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        await using a = await openWithPart(history, dice, everybody);
        await using b = await openWithPart(history, dice, everybody);
        await send(a, b);
        await send(b, a);
        assert.equal(toHex(a.replica.digest()), toHex(b.replica.digest()));
        assert.deepEqual(viewTrace(a.replica), viewTrace(b.replica));
      }),
      { numRuns: runs(30), ...report },
    );
  });

  test('does so too where not everybody counts', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        const admission = drawAdmission(history, dice, { withCutOffs: true });
        await using a = await openWithPart(history, dice, admission);
        await using b = await openWithPart(history, dice, admission);
        await exchange(a, b);
        assert.equal(toHex(a.replica.digest()), toHex(b.replica.digest()));
        assert.deepEqual(viewTrace(a.replica), viewTrace(b.replica));
      }),
      { numRuns: runs(30), ...report },
    );
  });

  test('is copied from the log into thin bundles, of which none is needed in full where nobody forked', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        fc.pre(forksOf(new Set(history.entries)).size === 0);
        await using a = await openWithPart(history, dice, everybody);
        await using b = await openWithPart(history, dice, everybody);
        for (const sent of a.replica.outgoing(b.replica.tips()).bundles(horizonOf(b))) {
          const full = opened(sent);
          assert.equal(sent.entries, full.entries.length);
          const thin = verifyBundle(sent.encode('thin'), (author, seq) => b.replica.lookUp(author, seq));
          assert.ok(thin.kind === 'verified', thin.kind);
          assert.deepEqual(thin.bundle, full);
          await b.replica.admit(thin.bundle, 'a peer' as IdKey);
        }
        const has = ({ replica }: ReplicaRig) =>
          history.entries.filter((entry) => replica.find(refOf(entry)) !== undefined);
        assert.equal(new Set([...has(a), ...has(b)]).size, has(b).length);
      }),
      { numRuns: runs(60), ...report },
    );
  });

  test('is nothing that the peer would hold, nor what follows that', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        await using a = await openWithPart(history, dice, everybody);
        await using b = await ReplicaRig.open({ genesis: history.genesis, machine: traceMachine });
        await send(a, b);
        b.time.setNowMs(endOfTimeMs);
        await send(a, b);
        assert.equal(toHex(a.replica.digest()), toHex(b.replica.digest()));
      }),
      { numRuns: runs(30), ...report },
    );
  });

  test('is nothing where the peer has all of it', async () => {
    const story = new Story();
    await using a = await openWith(story, [[story.tell(ann), story.tell(ann), story.tell(ben)]]);
    assert.deepEqual([...a.replica.outgoing(a.replica.tips()).bundles(horizonOf(a))], []);
  });

  test('is all of it for a peer whose entries are unknown here', async () => {
    const [story, other] = [new Story(), new Story()];
    await using a = await openWith(story, [[story.tell(ann), story.tell(ann), story.tell(ben)]]);
    const stranger = other.tell(cat);
    assert.equal(
      entriesOf([...a.replica.outgoing([refOf(stranger)]).bundles(horizonOf(a))].map(opened)).length,
      3,
    );
  });

  test('comes in as few bundles as bounds allow, one signature for each chain', async () => {
    const story = new Story();
    const bundles = Array.from({ length: 1_100 }, (_, i) => [story.tell(i % 2 ? ann : ben, { words: [1] })]);
    await using a = await openWith(story, bundles, blindMachine);
    const sent = [...a.replica.outgoing([]).bundles(horizonOf(a))].map(opened);
    assert.deepEqual(
      sent.map(({ entries }) => entries.length),
      [1_024, 76],
    );
    assert.deepEqual(
      sent.map(({ chains }) => chains.length),
      [2, 2],
    );
    await using b = await openWith(story, [], blindMachine);
    await send(a, b);
    assert.equal(toHex(a.replica.digest()), toHex(b.replica.digest()));
  });

  test('comes in bundles of at most 1 MiB, or of one entry', async () => {
    const story = new Story();
    const sizes = [400_000, 400_000, 400_000, 1_000_000, 400_000];
    const large = sizes.map((size, i) =>
      story.write({
        key: historyKey(0, ann),
        prev: story.entries.at(-1),
        deps: [],
        hlc: momentOf(i),
        payload: encodePayload(1, [new Uint8Array(size)]),
      }),
    );
    await using a = await openWith(
      story,
      large.map((entry) => [entry]),
      blindMachine,
    );
    const sent = [...a.replica.outgoing([]).bundles(horizonOf(a))].map(opened);
    assert.deepEqual(
      sent.map(({ entries }) => entries.length),
      [2, 1, 1, 1],
    );
  });
});

describe('of a fork', () => {
  test('two branches that go on from the same chain are packed into one bundle that verifies', async () => {
    const story = new Story();
    const a1 = story.tell(ann);
    const [left, right] = [story.tell(ann, { after: a1 }), story.tell(ann, { after: a1 })];
    const [left2, right2] = [story.tell(ann, { after: left }), story.tell(ann, { after: right })];
    for (const logged of [
      [[a1], [left], [right], [left2], [right2]],
      [[a1], [left, right], [right2, left2]],
      [
        [a1, left, right],
        [left2, right2],
      ],
      [[a1, right, left2 === undefined ? left : left], [left2], [right2]],
    ]) {
      await using a = await openWith(story, logged);
      await using b = await openWith(story, [[a1]]);
      const sent = await send(a, b);
      assert.deepEqual(
        sent.map(({ entries }) => entries.length),
        [4],
      );
      assert.equal(toHex(a.replica.digest()), toHex(b.replica.digest()));
      await using c = await openWith(story, []);
      assert.deepEqual(
        (await send(a, c)).map(({ entries }) => entries.length),
        [5],
      );
    }
  });

  test('two chains that both begin at the genesis are kept apart', async () => {
    const story = new Story();
    const [left, right] = [story.tell(ann), story.tell(ann, { after: 'genesis' })];
    for (const logged of [[[left], [right]], [[left, right]]]) {
      await using a = await openWith(story, logged);
      await using b = await openWith(story, []);
      await send(a, b);
      assert.deepEqual([...b.replica.status().forks.values()], [2]);
    }
  });

  test('a part is sent with a signature over its last entry, however the branches lie in the log', async () => {
    const story = new Story();
    const a1 = story.tell(ann);
    const [left, right] = [story.tell(ann, { after: a1 }), story.tell(ann, { after: a1 })];
    // One chain of this bundle is a1, right; and left, which comes first, is what goes on from a1 here.
    const bundle = bundleOf([a1, right]);
    const [, leftBundle] = [bundle, bundleOf([left])];
    const woven: Bundle = {
      chains: [...bundle.chains, ...leftBundle.chains],
      chainOf: [0, 1, 0],
      entries: [a1.entry, left.entry, right.entry],
      hashes: [a1.hash, left.hash, right.hash],
    };
    await using a = await openWith(story, []);
    await a.receive(woven);
    await a.setAdmission(onlyUpTo(a1));
    assert.deepEqual(a.replica.tips(), [refOf(a1)]);
    await using b = await openWith(story, []);
    await b.setAdmission(onlyUpTo(a1));
    await send(a, b);
    assert.deepEqual(b.replica.tips(), [refOf(a1)]);
  });
});

describe('where a chain is not kept to its end', () => {
  test('entries up to the next signature go along, with all that they name', async () => {
    const story = new Story();
    const a1 = story.tell(ann);
    const b1 = story.tell(ben);
    const a2 = story.tell(ann, { deps: [b1] });
    await using a = await openWith(story, [[b1], [a1, a2]]);
    await using b = await openWith(story, []);
    for (const rig of [a, b]) await rig.setAdmission(onlyUpTo(a1, ben));
    assert.deepEqual(a.replica.tips(), [refOf(a1)]);
    await send(a, b);
    assert.deepEqual(b.replica.tips(), [refOf(a1)]);
  });

  test('nothing beyond the last signature goes along', async () => {
    const story = new Story();
    const [a1, a2, a3] = [story.tell(ann), story.tell(ann), story.tell(ann)];
    await using a = await openWith(story, [[a1, a2], [a3]]);
    await a.setAdmission(onlyUpTo(a1));
    await using b = await openWith(story, []);
    assert.deepEqual(
      entriesOf(await send(a, b)),
      [refOf(a1), refOf(a2)].map(({ hash }) => toHex(hash)),
    );
  });
});

describe('what a peer would hold', () => {
  test('is left out, with what sees it and with what shares its signature', async () => {
    const story = new Story();
    const fine = story.tell(ann, { atMs: 1 });
    const ahead = story.tell(ann, { atMs: 3_600_000 });
    const follows = story.tell(ben, { deps: [fine], atMs: 2 });
    const apart = story.tell(cat, { atMs: 3 });
    await using a = await openWith(story, [[fine, ahead], [follows], [apart]]);
    await using b = await ReplicaRig.open({ genesis, machine: traceMachine });
    assert.deepEqual(entriesOf(await send(a, b)), [toHex(apart.hash)]);
    b.time.setNowMs(historyBeginsMs + 3_600_000);
    await send(a, b);
    assert.equal(toHex(a.replica.digest()), toHex(b.replica.digest()));
  });

  test('does not keep back what came before it under a signature of its own', async () => {
    const story = new Story();
    const fine = story.tell(ann, { atMs: 1 });
    const ahead = story.tell(ann, { atMs: 3_600_000 });
    await using a = await openWith(story, [[fine], [ahead]]);
    await using b = await ReplicaRig.open({ genesis, machine: traceMachine });
    assert.deepEqual(entriesOf(await send(a, b)), [toHex(fine.hash)]);
  });
});

async function openWith(
  { genesis: ofStory }: History,
  logged: readonly (readonly HistoryEntry[])[],
  machine: AnyMachine | undefined = traceMachine,
): Promise<ReplicaRig> {
  const time = new VirtualTime({ nowMs: endOfTimeMs });
  const rig = await ReplicaRig.open({ genesis: ofStory, machine, time });
  for (const entries of logged) await rig.receive(bundleOf(entries));
  return rig;
}

/** A replica whose clock is past everything, with a random part of the history. */
async function openWithPart(history: History, dice: Dice, admission: Admission): Promise<ReplicaRig> {
  const time = new VirtualTime({ nowMs: endOfTimeMs });
  const rig = await ReplicaRig.open({ genesis: history.genesis, machine: traceMachine, time, admission });
  const chosen = history.entries.filter(() => dice.oneIn(3));
  const order = causalOrder(history.closure(chosen), dice);
  for (const bundle of bundlesOf(order, dice)) await rig.receive(bundle);
  return rig;
}

/** Of this entry's author what lies up to it counts; of all others everything, but nothing of `nobody`. */
function onlyUpTo(last: HistoryEntry, nobody?: number): Admission {
  const author = toHex(last.entry.author);
  const none = nobody === undefined ? undefined : toHex(historyKey(0, nobody).nodeId);
  return {
    rule: (other) =>
      toHex(other) === none
        ? undefined
        : { spans: [{ after: -1n as Hlc }], cutOffs: toHex(other) === author ? [[refOf(last)]] : [] },
    authors: () => [],
    alsoKept: () => [refOf(last)],
  };
}

function entriesOf(bundles: readonly Bundle[]): string[] {
  return bundles.flatMap(({ hashes }) => hashes.map(toHex));
}
