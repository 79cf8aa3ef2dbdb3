import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Admission, type Hlc, idKey, toHex } from '@lattice/model';
import {
  Dice,
  digestOfHolding,
  endOfTimeMs,
  type History,
  type HistoryEntry,
  historyBeginsMs,
  historyKey,
  playHistory,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { casesOf, converse } from './support/conversation.js';
import { history as ofHistory, Peer, scripts, seeds } from './support/peers.js';

const runs = (normally: number) => (process.env['LATTICE_LONG'] === '1' ? 100 * normally : normally);

describe('two nodes with any parts of a history', () => {
  test('have all of both after one session, and nothing to do in the next', async () => {
    await forAnyPair(async ({ history, initiator, responder, union, dice }) => {
      const first = await converse({ initiator, responder, dice });
      for (const side of [first.initiator, first.responder]) {
        assert.ok(
          side.outcome?.kind === 'done' || side.outcome?.kind === 'equal',
          JSON.stringify(side.outcome),
        );
        assert.equal(side.waits, 0);
        assert.ok(side.stats.roundTrips <= 3);
      }
      for (const { replica } of [initiator, responder])
        assert.equal(toHex(replica.digest()), toHex(digestOfHolding(union)));
      const counted = first.initiator.stats.receivedEntries + first.responder.stats.receivedEntries;
      assert.ok(counted <= 2 * history.entries.length);

      const again = await converse({ initiator, responder, dice });
      assert.deepEqual(
        [again.initiator.outcome, again.responder.outcome],
        [{ kind: 'equal' }, { kind: 'equal' }],
      );
      assert.deepEqual([casesOf(again, 'initiator'), casesOf(again, 'responder')], [['opening'], ['equal']]);
    });
  });

  test('send each other nothing that the other has, unless an author forked or does not count', async () => {
    await forAnyPair(async ({ history, initiator, responder, dice, parts }) => {
      if (
        history.entries.some(({ prev }, i) =>
          history.entries.some(
            (other, j) => i !== j && other.prev === prev && sameAuthor(other, history.entries[i]),
          ),
        )
      )
        return;
      const { initiator: a, responder: b } = await converse({ initiator, responder, dice });
      assert.equal(a.stats.sentEntries, [...parts[0]].filter((entry) => !parts[1].has(entry)).length);
      assert.equal(b.stats.sentEntries, [...parts[1]].filter((entry) => !parts[0].has(entry)).length);
      assert.deepEqual(
        [a.stats.receivedEntries, b.stats.receivedEntries],
        [b.stats.sentEntries, a.stats.sentEntries],
      );
      for (const { outcome, progress } of [a, b])
        if (outcome?.kind === 'done')
          assert.deepEqual(
            [progress.toSend, progress.toReceive],
            [progress.sentEntries, progress.receivedEntries],
            'it knew how many before any went',
          );
    });
  });

  test('come to the same though every session breaks, one message later each time', async () => {
    await forAnyPair(async ({ initiator, responder, union, dice }) => {
      for (let cutAfter = 0; ; cutAfter++) {
        const swap = dice.oneIn(2);
        const sides = swap ? { initiator: responder, responder: initiator } : { initiator, responder };
        const { initiator: a, responder: b } = await converse({ ...sides, dice, cutAfter });
        assert.equal(a.waits + b.waits, 0);
        if (a.outcome?.kind === 'equal' || cutAfter > 500) break;
        assert.notEqual(a.outcome?.kind, 'failed');
      }
      for (const { replica } of [initiator, responder])
        assert.equal(toHex(replica.digest()), toHex(digestOfHolding(union)));
    });
  });

  test('come to the same where some authors do not count', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, ofHistory), new Dice(seed)];
        const admission = allBut(script.family, dice.below(4));
        await using initiator = await Peer.open(history, partOf(history, dice), dice, { admission });
        await using responder = await Peer.open(history, partOf(history, dice), dice, { admission });
        for (let session = 0; session < 3; session++) await converse({ initiator, responder, dice });
        assert.equal(toHex(initiator.replica.digest()), toHex(responder.replica.digest()));
      }),
      { numRuns: runs(30), includeErrorInReport: true },
    );
  });

  test('leave out what the other would hold, and come to the same once its clock is right', async () => {
    await fc.assert(
      fc.asyncProperty(scripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, ofHistory), new Dice(seed)];
        const time = new VirtualTime({ nowMs: historyBeginsMs });
        await using initiator = await Peer.open(history, history.entries, dice);
        await using responder = await Peer.open(history, [], dice, { time });
        const early = await converse({ initiator, responder, dice });
        assert.equal(early.responder.waits, 0);
        time.setNowMs(endOfTimeMs);
        await converse({ initiator, responder, dice });
        assert.equal(toHex(initiator.replica.digest()), toHex(responder.replica.digest()));
      }),
      { numRuns: runs(30), includeErrorInReport: true },
    );
  });
});

describe('a stranger who hands over what it has', () => {
  test('is shown nothing, and all that it has arrives', async () => {
    await forAnyPair(async ({ history, initiator, responder, dice, parts }) => {
      const before = initiator.replica.status().entries;
      const talk = await converse({ initiator, responder, dice, handover: true });
      for (const { by, message } of talk.said) {
        if (by === 'initiator') continue;
        const { body } = message;
        assert.ok(body.case !== 'equal' && body.case !== 'bundle' && body.case !== 'probe');
        if (body.case === 'differing') assert.equal(body.value.tips.length, 0);
      }
      assert.deepEqual(
        [talk.initiator.outcome, talk.responder.outcome],
        [{ kind: 'done' }, { kind: 'done' }],
      );
      assert.equal(talk.responder.waits, 0);
      assert.equal(initiator.replica.status().entries, before);
      const both = history.closure([...parts[0], ...parts[1]]);
      assert.equal(toHex(responder.replica.digest()), toHex(digestOfHolding(both)));
    });
  });
});

interface Pair {
  readonly history: History;
  readonly initiator: Peer;
  readonly responder: Peer;
  readonly parts: readonly [Set<HistoryEntry>, Set<HistoryEntry>];
  readonly union: Set<HistoryEntry>;
  readonly dice: Dice;
}

async function forAnyPair(check: (pair: Pair) => Promise<void>): Promise<void> {
  await fc.assert(
    fc.asyncProperty(scripts, seeds, async (script, seed) => {
      const [history, dice] = [playHistory(script, ofHistory), new Dice(seed)];
      const parts = [partOf(history, dice), partOf(history, dice)] as const;
      await using initiator = await Peer.open(history, parts[0], dice);
      await using responder = await Peer.open(history, parts[1], dice);
      const union = new Set([...parts[0], ...parts[1]]);
      await check({ history, initiator, responder, parts: [parts[0], parts[1]], union, dice });
    }),
    { numRuns: runs(30), includeErrorInReport: true },
  );
}

function partOf(history: History, dice: Dice): Set<HistoryEntry> {
  return history.closure(history.entries.filter(() => dice.oneIn(3)));
}

function sameAuthor(a: HistoryEntry, b: HistoryEntry | undefined): boolean {
  return b !== undefined && idKey(a.entry.author) === idKey(b.entry.author);
}

function allBut(family: number, author: number): Admission {
  const none = idKey(historyKey(family, author).nodeId);
  return {
    rule: (other) => (idKey(other) === none ? undefined : { spans: [{ after: -1n as Hlc }], cutOffs: [] }),
    authors: () => [],
    alsoKept: () => [],
  };
}
