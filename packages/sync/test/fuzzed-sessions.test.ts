import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '@lattice/model';
import { Dice, digestOfHolding, type History, type HistoryEntry, playHistory } from '@lattice/testkit';
import fc from 'fast-check';
import { type Conversation, converse } from './support/conversation.js';
import { Mangler } from './support/mangler.js';
import { NamedStore } from './support/named-store.js';
import { history as ofHistory, Peer, scripts, seeds } from './support/peers.js';

const runs = (normally: number) => (process.env['LATTICE_LONG'] === '1' ? 200 * normally : normally);

describe('a session whose messages are changed, cut, lost, repeated, put in another order or made up', () => {
  for (const handover of [false, true]) {
    for (const whole of [false, true]) {
      const kind = `${handover ? 'handover' : 'sync'}${whole ? ' of whole tips' : ''}`;
      test(`ends for a reason that is said, and the next ${kind} is none the worse for it`, async () => {
        await fc.assert(
          fc.asyncProperty(scripts, seeds, async (script, seed) => {
            const [history, dice] = [playHistory(script, ofHistory), new Dice(seed)];
            await using initiator = await Peer.open(history, partOf(history, dice), dice);
            await using responder = await Peer.open(history, partOf(history, dice), dice);
            const mangler = new Mangler(dice);
            for (let session = 0; session < 4; session++) {
              const talk = await converse({ initiator, responder, dice, handover, whole, mangler });
              assertEndsForAReason(talk);
            }
            for (const { replica } of [initiator, responder]) assertHoldsOnly(history, replica);

            // The first may bring what still waited for something.
            for (let session = 0; session < 2; session++) await converse({ initiator, responder, dice });
            const isHere = ({ entry: { author, seq }, hash }: HistoryEntry) =>
              [initiator, responder].some(({ replica }) => replica.find({ author, seq, hash }) !== undefined);
            const union = history.closure(history.entries.filter(isHere));
            for (const { replica } of [initiator, responder])
              assert.equal(toHex(replica.digest()), toHex(digestOfHolding(union)));
          }),
          { numRuns: runs(25), includeErrorInReport: true },
        );
      });
    }
  }

  test('ends so where ranges of many chains are compared, too', async () => {
    await fc.assert(
      fc.asyncProperty(seeds, async (seed) => {
        const dice = new Dice(seed);
        const lengths = Array.from({ length: 600 + dice.below(400) }, () => dice.below(4));
        const others = lengths.map((length) => (dice.oneIn(10) ? dice.below(4) : length));
        const talk = await converse({
          initiator: new NamedStore(lengths),
          responder: new NamedStore(others),
          dice,
          mangler: new Mangler(dice),
        });
        assertEndsForAReason(talk);
      }),
      { numRuns: runs(20), includeErrorInReport: true },
    );
  });
});

function partOf(history: History, dice: Dice): Set<HistoryEntry> {
  return history.closure(history.entries.filter(() => dice.oneIn(3)));
}

/** Or hears nothing more: then whoever drives it ends it when it has been silent for too long. */
function assertEndsForAReason({ initiator, responder }: Conversation): void {
  for (const { outcome } of [initiator, responder]) {
    if (outcome?.kind !== 'failed') continue;
    assert.notEqual(outcome.reason, '');
    assert.ok(outcome.reason.length <= 300, outcome.reason);
  }
}

function assertHoldsOnly(history: History, replica: Peer['replica']): void {
  const written = new Set(history.entries.map(({ hash }) => toHex(hash)));
  for (const { hash } of replica.tips()) assert.ok(written.has(toHex(hash)));
}
