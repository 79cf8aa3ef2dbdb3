import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Dice } from '@lattice/testkit';
import fc from 'fast-check';
import { casesOf, type Conversation, converse } from './support/conversation.js';
import { type Lengths, NamedStore } from './support/named-store.js';
import { seeds } from './support/peers.js';

describe('two nodes with many chains', () => {
  test('find out what differs by ranges: a few in ten thousand for a few kilobytes', async (context) => {
    const [mine, theirs] = differingIn(10_000, 10);
    const talk = await compare(mine, theirs);
    const bytes = talk.said.reduce((sum, one) => sum + one.bytes, 0);
    const { roundTrips } = talk.initiator.stats;
    context.diagnostic(`${roundTrips} round trips, ${bytes} bytes`);
    assert.ok(casesOf(talk, 'responder').includes('ranges'));
    assert.ok(roundTrips <= 5, `${roundTrips} round trips`);
    assert.ok(bytes <= 24 * 1024, `${bytes} bytes`);
  });

  for (const [few, many] of [
    [0, 2_000],
    [512, 513],
    [511, 512],
  ] as const) {
    test(`${few} and ${many} of them, either way`, async () => {
      await compare(Array<number>(few).fill(3), Array<number>(many).fill(3));
      await compare(Array<number>(many).fill(3), Array<number>(few).fill(3));
    });
  }

  test('find out what differs wherever it lies, however much', async () => {
    const length = fc.nat({ max: 3 });
    const lengths = fc.array(length, { minLength: 0, maxLength: 1_500, size: 'max' });
    await fc.assert(
      fc.asyncProperty(lengths, fc.constantFrom(1, 10, 100), seeds, async (mine, rarely, seed) => {
        const dice = new Dice(seed);
        const theirs = mine.map((own) => (dice.below(rarely) === 0 ? dice.below(4) : own));
        await compare(mine, theirs, dice);
        await compare(theirs, mine, dice);
      }),
      { numRuns: process.env['LATTICE_LONG'] === '1' ? 1_000 : 15, includeErrorInReport: true },
    );
  });

  test('of which most differ name them in many small messages, none of which is long', async () => {
    const talk = await compare(Array<number>(8_000).fill(2), Array<number>(8_000).fill(1));
    for (const { bytes } of talk.said) assert.ok(bytes <= 96 * 1024, `${bytes} bytes`);
  });

  test('of which all differ cut whatever they do about them into short steps', async () => {
    const chains = 8_000;
    const talk = await compare(Array<number>(chains).fill(2), Array<number>(chains).fill(1));
    const mostSteps = (by: string, about: string) =>
      Math.max(...talk.done.filter((one) => one.by === by && one.about === about).map(({ steps }) => steps));
    for (const [by, about, passes] of [
      // Names all by ids of this session, and puts those in order.
      ['responder', 'opening', 4],
      ['initiator', 'ranges', 4],
      // Answers what differs by what differs here, with a digest of both.
      ['initiator', 'differing', 2],
      ['responder', 'differing', 2],
      // Finds out what the other has.
      ['initiator', 'verdicts', 2],
      ['responder', 'verdicts', 2],
    ] as const) {
      const steps = mostSteps(by, about);
      assert.ok(steps >= (passes * chains) / 64, `${by} on ${about}: ${steps} steps`);
    }
  });

  test('more of which differ than may be named need more sessions, and come closer with each', async () => {
    const [mine, theirs] = [Array<number>(131_172).fill(1), Array<number>(0)];
    const [initiator, responder] = [new NamedStore(mine), new NamedStore(theirs)];
    const talk = await converse({ initiator, responder, dice: new Dice(0) });
    assert.deepEqual([talk.initiator.outcome, talk.responder.outcome], [{ kind: 'done' }, { kind: 'done' }]);
    // What was not named is sent all the same: nobody is known to have it.
    assert.ok(initiator.sendsBehind?.every((seq) => seq === 0));
  });
});

/** A session that has to end well, after which each side sends what the other lacks and nothing else. */
async function compare(mine: Lengths, theirs: Lengths, dice = new Dice(0)): Promise<Conversation> {
  const [initiator, responder] = [new NamedStore(mine), new NamedStore(theirs)];
  const talk = await converse({ initiator, responder, dice });
  const isEqual =
    mine.every((length, author) => length === (theirs[author] ?? 0)) && mine.length >= theirs.length;
  const outcome = { kind: isEqual ? 'equal' : 'done' };
  assert.deepEqual([talk.initiator.outcome, talk.responder.outcome], [outcome, outcome]);
  if (isEqual) return talk;
  assertSends(initiator, mine, theirs);
  assertSends(responder, theirs, mine);
  return talk;
}

function assertSends({ sendsBehind }: NamedStore, own: Lengths, others: Lengths): void {
  const expected = own.map((length, author) => Math.min(length, others[author] ?? 0));
  assert.deepEqual(sendsBehind, expected);
}

/** Chains of which each side has some more than the other. */
function differingIn(chains: number, differing: number): readonly [Lengths, Lengths] {
  const every = Math.floor(chains / differing);
  const lengths = (side: number) =>
    Array.from({ length: chains }, (_, i) => (i % every === 0 && (i / every) % 2 === side ? 5 : 3));
  return [lengths(0), lengths(1)];
}
