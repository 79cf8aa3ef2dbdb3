import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Hlc, hlcFromMs, type StoreId, toHex } from '@lattice/model';
import { type wire } from '@lattice/proto';
import { Dice, History, type HistoryEntry, historyBeginsMs, historyKey } from '@lattice/testkit';
import { casesOf, converse, type Conversation, type SideName } from './support/conversation.js';
import { Peer } from './support/peers.js';

const dice = new Dice(0);
const genesis = {
  kind: 'store',
  type: 'blind',
  mesh: new Uint8Array(32) as Uint8Array as StoreId,
  random: new Uint8Array(32),
} as const;

describe('two nodes', () => {
  test('that have the same find out in one round trip and 40 bytes, however many chains there are', async () => {
    const { history } = chains(100, 2);
    await using initiator = await Peer.open(history, history.entries, dice);
    await using responder = await Peer.open(history, history.entries, new Dice(5));
    const talk = await converse({ initiator, responder, dice });
    assert.deepEqual([casesOf(talk, 'initiator'), casesOf(talk, 'responder')], [['opening'], ['equal']]);
    assert.equal(talk.initiator.stats.roundTrips, 1);
    assert.ok(bytesBeforeData(talk) <= 40, `${bytesBeforeData(talk)} bytes`);
  });

  for (const [name, ahead] of [
    ['one of which is ahead', [10, 0]],
    ['both of which are ahead', [5, 5]],
  ] as const) {
    test(`with 100 chains, ${name} in 10 of them, need 2 round trips and 4 KiB before data`, async (context) => {
      const { history, tips } = chains(100, 2);
      const common = [...history.entries];
      const news = tips.slice(0, 10).map((tip, i) => [i < ahead[0], more(history, tip, 3)] as const);
      const of = (first: boolean) => [
        ...common,
        ...news.flatMap(([mine, entries]) => (mine === first ? entries : [])),
      ];
      await using initiator = await Peer.open(history, of(true), dice);
      await using responder = await Peer.open(history, of(false), dice);
      const talk = await converse({ initiator, responder, dice });
      const { roundTrips } = talk.initiator.stats;
      context.diagnostic(`${roundTrips} round trips, ${bytesBeforeData(talk)} bytes before data`);
      assert.ok(roundTrips <= 2, `${roundTrips} round trips`);
      assert.ok(bytesBeforeData(talk) <= 4_096, `${bytesBeforeData(talk)} bytes`);
      assert.deepEqual(
        [talk.initiator.stats.sentEntries, talk.responder.stats.sentEntries],
        [3 * ahead[0], 3 * ahead[1]],
      );
      assert.equal(toHex(initiator.replica.digest()), toHex(responder.replica.digest()));
    });
  }

  test('of which one has nothing end with the same, in few bundles', async () => {
    const { history } = chains(20, 20);
    await using initiator = await Peer.open(history, [], dice);
    await using responder = await Peer.open(history, history.entries, dice);
    const talk = await converse({ initiator, responder, dice });
    assert.deepEqual([talk.initiator.outcome, talk.responder.outcome], [{ kind: 'done' }, { kind: 'done' }]);
    assert.equal(casesOf(talk, 'responder').filter((said) => said === 'bundle').length, 1);
    assert.equal(talk.initiator.stats.receivedEntries, 400);
    assert.equal(toHex(initiator.replica.digest()), toHex(responder.replica.digest()));
  });

  test('have at most 4 bundles on their way to each other', async () => {
    const history = new History(genesis);
    for (let i = 0; i < 12; i++) write(history, 1, { after: history.entries.at(-1), bytes: 600_000 });
    await using initiator = await Peer.open(history, history.entries, dice);
    await using responder = await Peer.open(history, [], dice);
    const talk = await converse({ initiator, responder, dice });
    let onTheirWay = 0;
    let most = 0;
    for (const { message } of talk.said) {
      if (message.body.case === 'bundle') most = Math.max(most, ++onTheirWay);
      if (message.body.case === 'ack') onTheirWay--;
    }
    assert.equal(most, 4);
    assert.equal(responder.replica.status().entries, 12);
  });
});

describe('a fork', () => {
  test('of which each has one branch is found where it parts: only the branches are sent', async () => {
    const history = new History(genesis);
    const trunk = chainOf(history, 1, 100);
    const [left, right] = [more(history, trunk, 30), more(history, trunk, 20)];
    const common = [...history.entries].slice(0, 100);
    await using initiator = await Peer.open(history, [...common, ...left], dice);
    await using responder = await Peer.open(history, [...common, ...right], dice);
    const talk = await converse({ initiator, responder, dice });
    assert.ok(casesOf(talk, 'initiator').includes('probe'));
    assert.ok(talk.initiator.stats.roundTrips <= 3);
    // Samples lie at powers of two behind the tip, so at most twice the branch is sent.
    assert.ok(talk.initiator.stats.sentEntries <= 64 && talk.responder.stats.sentEntries <= 64);
    for (const { replica } of [initiator, responder]) assert.equal(replica.status().entries, 150);
    assert.equal(toHex(initiator.replica.digest()), toHex(responder.replica.digest()));
  });

  test('that makes a place ambiguous has a thin bundle asked for in full, and nobody blamed', async () => {
    const history = new History(genesis);
    const [a1, other] = [write(history, 1), write(history, 1, { bytes: 2 })];
    const b1 = write(history, 2, { deps: [a1] });
    await using initiator = await Peer.open(history, [a1, b1], dice);
    await using responder = await Peer.open(history, [a1, other], dice);
    const talk = await converse({ initiator, responder, dice });
    const asked = talk.said.filter(({ message: { body } }) => body.case === 'ack' && body.value.needsFull);
    assert.equal(asked.length, 1);
    assert.deepEqual([talk.initiator.outcome, talk.responder.outcome], [{ kind: 'done' }, { kind: 'done' }]);
    assert.equal(responder.replica.status().entries, 3);
  });
});

test('how much is to go is not known where branches part', async () => {
  const history = new History(genesis);
  const root = write(history, 1);
  const [left, right] = [write(history, 1, { after: root }), write(history, 1, { after: root })];
  await using initiator = await Peer.open(history, [root, left], dice);
  await using responder = await Peer.open(history, [root, right], dice);
  const { initiator: ended } = await converse({ initiator, responder, dice });
  assert.deepEqual(ended.progress, { sentEntries: 1, receivedEntries: 1 });
});

describe('short ids that collide', () => {
  for (const [name, tamper] of [
    ['hide a tip of the initiator', hiding((part) => ({ ...part, tips: part.tips.slice(1) }))],
    [
      'hide a tip of the responder',
      hiding((part) => ({ ...part, unknownShortIds: part.unknownShortIds.slice(8) })),
    ],
  ] as const) {
    test(`and ${name} are found out by both, and to name whole tips helps`, async () => {
      const { history, tips } = chains(6, 2);
      const common = [...history.entries];
      const [left, right] = [more(history, tips[0], 2), more(history, tips[1], 2)];
      await using initiator = await Peer.open(history, [...common, ...left], dice);
      await using responder = await Peer.open(history, [...common, ...right], dice);
      const talk = await converse({ initiator, responder, dice, tamper });
      assert.deepEqual(
        [talk.initiator.outcome, talk.responder.outcome],
        [{ kind: 'collision' }, { kind: 'collision' }],
      );
      assert.ok(!talk.said.some(({ message }) => message.body.case === 'bundle'));
      const again = await converse({ initiator, responder, dice, whole: true });
      assert.deepEqual(
        [again.initiator.outcome, again.responder.outcome],
        [{ kind: 'done' }, { kind: 'done' }],
      );
      assert.deepEqual([again.initiator.stats.sentEntries, again.responder.stats.sentEntries], [2, 2]);
      assert.equal(toHex(initiator.replica.digest()), toHex(responder.replica.digest()));
    });
  }
});

describe('a session that breaks', () => {
  test('after any message leaves both with what arrived, and the next one brings the rest', async () => {
    const { history, tips } = chains(5, 4);
    const common = [...history.entries];
    const fork = more(history, tips[0], 3);
    const [left, right] = [
      [...fork, ...more(history, tips[1], 2)],
      [...more(history, tips[0], 2), ...more(history, tips[2], 2)],
    ];
    for (let cutAfter = 0; ; cutAfter++) {
      await using initiator = await Peer.open(history, [...common, ...left], dice);
      await using responder = await Peer.open(history, [...common, ...right], dice);
      const cut = await converse({ initiator, responder, dice, cutAfter });
      await converse({ initiator, responder, dice });
      for (const { replica } of [initiator, responder])
        assert.equal(replica.status().entries, history.entries.length, `cut after ${cutAfter} messages`);
      if (cut.initiator.outcome && cut.responder.outcome) break;
    }
  });
});

describe('a handover', () => {
  test('sends only what the member lacks, of a store that it shows nothing of', async () => {
    const { history, tips } = chains(3, 20);
    const common = [...history.entries];
    const secret = more(history, tips[0], 5);
    const proof = more(history, tips[1], 2);
    await using initiator = await Peer.open(history, [...common, ...proof], dice);
    await using responder = await Peer.open(history, [...common, ...secret], dice);
    const talk = await converse({ initiator, responder, dice, handover: true });
    assert.equal(talk.responder.stats.receivedEntries, 2);
    assert.ok(
      talk.initiator.stats.sentEntries <= 2 * 2 + 1,
      `${talk.initiator.stats.sentEntries} entries sent`,
    );
    const said = talk.said.filter(({ by }) => by === 'responder');
    const shown = said.flatMap(({ message }) =>
      JSON.stringify(message, (_, value: unknown) =>
        value instanceof Uint8Array ? toHex(value) : typeof value === 'bigint' ? String(value) : value,
      ),
    );
    for (const { hash } of [...secret, ...common])
      assert.ok(shown.every((text) => !text.includes(toHex(hash))));
    assert.equal(initiator.replica.status().entries, common.length + 2);
  });
});

/** Entries of so many authors, a chain each. */
function chains(count: number, length: number): { history: History; tips: HistoryEntry[] } {
  const history = new History(genesis);
  return { history, tips: Array.from({ length: count }, (_, i) => chainOf(history, i, length)) };
}

/** The last of a new author's chain of that length. */
function chainOf(history: History, author: number, length: number): HistoryEntry {
  let last = write(history, author);
  for (let i = 1; i < length; i++) last = write(history, author, { after: last });
  return last;
}

/** So many more entries that go on from this one. */
function more(history: History, after: HistoryEntry | undefined, length: number): HistoryEntry[] {
  assert.ok(after);
  const author = authorOf.get(toHex(after.entry.author));
  assert.ok(author !== undefined);
  const entries: HistoryEntry[] = [];
  for (let last = after; entries.length < length; entries.push(last))
    last = write(history, author, { after: last });
  return entries;
}

const authorOf = new Map<string, number>();

function write(
  history: History,
  author: number,
  options: {
    readonly after?: HistoryEntry | undefined;
    readonly deps?: readonly HistoryEntry[];
    readonly bytes?: number;
  } = {},
): HistoryEntry {
  const key = historyKey(0, author);
  authorOf.set(toHex(key.nodeId), author);
  // Every entry is another one, and later than all before.
  const hlc = (hlcFromMs(historyBeginsMs) + BigInt(history.entries.length)) as Hlc;
  const payload = new Uint8Array(options.bytes ?? 1).fill(1);
  return history.write({ key, prev: options.after, deps: options.deps ?? [], hlc, payload });
}

/** What both sides said before the first bundle. */
function bytesBeforeData({ said }: Conversation): number {
  const first = said.findIndex(({ message }) => message.body.case === 'bundle');
  return said.slice(0, first === -1 ? said.length : first).reduce((sum, { bytes }) => sum + bytes, 0);
}

/** Leaves something out of what the initiator says differs, as a collision of short ids does. */
function hiding(change: (part: wire.Differing) => wire.Differing) {
  return (message: wire.SyncMessage, by: SideName): wire.SyncMessage => {
    if (by !== 'initiator' || message.body.case !== 'differing') return message;
    return { ...message, body: { case: 'differing', value: change(message.body.value) } };
  };
}
