import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { blake3 } from '@lattice/crypto';
import { wire } from '@lattice/proto';
import { bytes, refNamed, Single, storeOf, type Words } from './support/single.js';

const [mine, theirs] = [refNamed(1, 5), refNamed(2, 7)];
const wireRef = ({ author, seq, hash }: typeof mine) => ({ author, seq: BigInt(seq), hash });
const nonce = bytes(16, 1);
const opening = { case: 'opening', value: { digest: bytes(32, 99) } } as const satisfies Words;
/** Of one who has the same tip. */
const shortIds = {
  case: 'shortIds',
  value: { nonce, shortIds: shortIdOf(mine) },
} as const satisfies Words;
/** Of one who has no items, in a message of Negentropy: up to infinity, a list, of none. */
const ranges = { case: 'ranges', value: { nonce, part: Uint8Array.of(0x61, 0, 0, 2, 0) } } as const;
const nothingDiffers = {
  case: 'differing',
  value: { horizon: 1_000n, unionDigest: blake3('tips', mine.hash) },
} as const satisfies Words;
const noVerdicts = { case: 'verdicts', value: { known: [] } } as const satisfies Words;

/** Every kind of message, well formed. */
const messages: Readonly<Record<string, Words>> = {
  opening,
  equal: { case: 'equal', value: {} },
  shortIds,
  ranges,
  differing: nothingDiffers,
  verdicts: noVerdicts,
  probe: { case: 'probe', value: { samples: [wireRef(theirs)] } },
  probeReply: { case: 'probeReply', value: { known: [] } },
  bundle: { case: 'bundle', value: { index: 0n, bundle: bytes(3, 0) } },
  ack: { case: 'ack', value: { index: 0n } },
  done: { case: 'done', value: {} },
  nothing: undefined,
};

/** How a session gets to each of its states, and what it may hear there. */
const states: readonly (readonly [name: string, side: () => Single, mayHear: readonly string[]])[] = [
  ['a responder at its start', responder, ['opening']],
  ['a responder that awaits what differs', () => hearing(responder(), opening), ['differing']],
  ['a responder of many tips that awaits ranges', () => hearing(responderOfMany(), opening), ['ranges']],
  ['an initiator at its start', initiator, ['equal', 'shortIds', 'ranges']],
  ['an initiator that was asked for ranges', () => hearing(initiator(), ranges), ['ranges', 'differing']],
  ['an initiator that awaits what differs', () => hearing(initiator(), shortIds), ['differing']],
  ['an initiator that asks for all', initiatorOfWhole, ['equal', 'differing']],
  ['an initiator that awaits verdicts', afterDiffering, ['verdicts']],
  ['an initiator that has named second', () => hearing(initiator(), ranges, nothingDiffers), ['verdicts']],
  ['an initiator that has sent all', afterVerdicts, ['probe', 'bundle', 'done']],
];

describe('a message out of turn ends the session, and its sender is to blame', () => {
  for (const [name, sideThere, mayHear] of states) {
    for (const [kind, message] of Object.entries(messages)) {
      test(`${name} ${mayHear.includes(kind) ? 'takes' : 'refuses'} ${kind}`, () => {
        const side = sideThere();
        side.hears(message);
        if (mayHear.includes(kind)) assert.notEqual(side.outcome?.kind, 'failed');
        else assertBlames(side);
      });
    }
  }
});

describe('a message that is malformed ends the session, and its sender is to blame', () => {
  const cases: readonly (readonly [string, () => Single, Words])[] = [
    ['a digest of another length', responder, { case: 'opening', value: { digest: bytes(31, 1) } }],
    [
      'a nonce of another length',
      initiator,
      { case: 'shortIds', value: { ...shortIds.value, nonce: bytes(15, 1) } },
    ],
    ['ranges without a nonce', initiator, { case: 'ranges', value: { part: ranges.value.part } }],
    ['short ids that are cut off', initiator, { case: 'shortIds', value: { nonce, shortIds: bytes(12, 1) } }],
    [
      'more short ids than are sent',
      initiator,
      { case: 'shortIds', value: { nonce, shortIds: bytes(8 * 513, 1) } },
    ],
    [
      'ranges that are none of Negentropy',
      initiator,
      { case: 'ranges', value: { nonce, part: bytes(9, 0x61) } },
    ],
    [
      'ranges of another version of it',
      () => hearing(responderOfMany(), opening),
      { case: 'ranges', value: { part: Uint8Array.of(0x62) } },
    ],
    [
      'a part of ranges that is empty',
      initiator,
      { case: 'ranges', value: { nonce, part: bytes(0, 0), more: true } },
    ],
    ['a part of what differs that is empty', awaitingDiffering, { case: 'differing', value: { more: true } }],
    [
      'unknown short ids from one who was not asked for any',
      awaitingDiffering,
      { case: 'differing', value: { unknownShortIds: shortIdOf(mine) } },
    ],
    [
      'a tip whose author is no key',
      awaitingDiffering,
      { case: 'differing', value: { tips: [{ ...wireRef(theirs), author: bytes(31, 1) }] } },
    ],
    [
      'a tip without hash',
      awaitingDiffering,
      { case: 'differing', value: { tips: [{ ...wireRef(theirs), hash: bytes(0, 1) }] } },
    ],
    [
      'a tip at seq 0',
      awaitingDiffering,
      { case: 'differing', value: { tips: [{ ...wireRef(theirs), seq: 0n }] } },
    ],
    [
      'a tip at seq 2^53',
      awaitingDiffering,
      { case: 'differing', value: { tips: [{ ...wireRef(theirs), seq: 2n ** 53n }] } },
    ],
    [
      'a short id that was not sent',
      () => hearing(responder(), opening),
      { case: 'differing', value: { unknownShortIds: bytes(8, 9) } },
    ],
    ['too many verdicts', afterDiffering, { case: 'verdicts', value: { known: [true] } }],
    [
      'a probe beyond its bound',
      afterVerdicts,
      { case: 'probe', value: { samples: Array.from({ length: 4_097 }, () => wireRef(mine)) } },
    ],
    ['an acknowledgement of a bundle never sent', afterVerdicts, { case: 'ack', value: { index: 3n } }],
    [
      'a request in full of a bundle never sent',
      afterVerdicts,
      { case: 'ack', value: { index: 3n, needsFull: true } },
    ],
  ];
  for (const [name, sideThere, message] of cases) {
    test(name, () => {
      const side = sideThere();
      side.hears(message);
      assertBlames(side);
    });
  }

  test('a second probe', () => {
    const side = afterVerdicts();
    side.hears(messages['probe']);
    assert.equal(side.outcome, undefined);
    side.hears(messages['probe']);
    assertBlames(side);
  });

  test('a bundle after the last', () => {
    const side = afterVerdicts();
    side.hears(messages['done']);
    // All is said on both sides: what comes now is not heard at all.
    assert.deepEqual(side.outcome, { kind: 'done' });
    assert.deepEqual(side.hears(messages['bundle']), []);
  });

  test('the same short id named again and again', () => {
    const side = hearing(responder(), opening);
    const again = {
      case: 'differing',
      value: { unknownShortIds: shortIdOf(mine), more: true },
    } as const;
    side.hears(again);
    assert.equal(side.outcome, undefined);
    side.hears(again);
    assertBlames(side);
  });

  test('more tips than may be named, however they are spread', () => {
    const side = awaitingDiffering();
    const tips = Array.from({ length: 32_769 }, () => wireRef(theirs));
    for (let i = 0; i < 4; i++) side.hears({ case: 'differing', value: { tips, more: true } });
    assertBlames(side);
  });

  test('ranges that go back and forth without end', () => {
    const side = initiator();
    let answers = 0;
    for (; answers < 100 && !side.outcome; answers++) side.hears(ranges);
    assertBlames(side);
    assert.equal(answers, 65);
  });

  test('ranges that grow without end', () => {
    const side = initiator();
    const part = { case: 'ranges', value: { nonce, part: bytes(1_000_000, 0x61), more: true } } as const;
    for (let i = 0; i < 5; i++) side.hears(part);
    assertBlames(side);
  });
});

describe('a bundle', () => {
  test('that does not verify ends the session, and its sender is to blame', () => {
    const side = afterVerdicts();
    const [admit] = side.hears(messages['bundle']);
    assert.deepEqual(admit, { kind: 'admit', index: 0n, bundle: bytes(3, 0) });
    side.effects.push(
      ...side.session.step({ kind: 'admitted', index: 0n, outcome: { kind: 'invalid', reason: 'bad' } }),
    );
    assertBlames(side);
  });

  test('that cannot be taken now ends the session, and nobody is to blame', () => {
    const side = afterVerdicts();
    side.hears(messages['bundle']);
    side.effects.push(
      ...side.session.step({ kind: 'admitted', index: 0n, outcome: { kind: 'unable', reason: 'disk full' } }),
    );
    assert.deepEqual(side.outcome, { kind: 'failed', reason: 'disk full', blame: false });
    assert.equal(side.said.at(-1), 'failure');
  });

  test('that is thin is asked for in full once, not for ever', () => {
    const side = afterVerdicts();
    for (const last of [false, true]) {
      side.hears(messages['bundle']);
      side.effects.push(
        ...side.session.step({ kind: 'admitted', index: 0n, outcome: { kind: 'needs-full' } }),
      );
      if (!last) assert.deepEqual([side.said.at(-1), side.outcome], ['ack', undefined]);
    }
    assertBlames(side);
  });
});

test('a peer that gives up is not to blame, whatever it says', () => {
  for (const code of [wire.FailureCode.INVALID, wire.FailureCode.UNABLE, wire.FailureCode.UNKNOWN_STORE]) {
    const side = afterVerdicts();
    side.hears({ case: 'failure', value: { code, reason: 'x'.repeat(100_000) } });
    assert.ok(side.outcome?.kind === 'failed' && !side.outcome.blame && side.outcome.reason.length < 300);
    assert.ok(!side.said.includes('failure'));
  }
});

test('after its end a session says nothing more', () => {
  const side = responder();
  side.hears(undefined);
  assertBlames(side);
  for (const message of Object.values(messages)) assert.deepEqual(side.hears(message), []);
});

function responder(): Single {
  return new Single('responder', storeOf([mine]));
}

/** Of more tips than short ids are sent of. */
function responderOfMany(): Single {
  return new Single('responder', storeOf(Array.from({ length: 600 }, (_, i) => refNamed(1, i + 1, i))));
}

function initiator(): Single {
  return new Single('initiator', storeOf([mine]));
}

function initiatorOfWhole(): Single {
  return new Single('initiator', storeOf([mine]), { whole: true });
}

function awaitingDiffering(): Single {
  return hearing(initiator(), shortIds);
}

function afterDiffering(): Single {
  return hearing(initiator(), shortIds, nothingDiffers);
}

function afterVerdicts(): Single {
  return hearing(afterDiffering(), noVerdicts);
}

function hearing(side: Single, ...said: readonly Words[]): Single {
  for (const words of said) side.hears(words);
  return side;
}

function shortIdOf({ hash }: typeof mine): Uint8Array {
  return blake3('short-id', nonce, hash).subarray(0, 8);
}

function assertBlames(side: Single): void {
  assert.ok(side.outcome?.kind === 'failed' && side.outcome.blame, `not ${JSON.stringify(side.outcome)}`);
  assert.equal(side.said.at(-1), 'failure');
}
