import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wire } from '@lattice/proto';
import { bytes, refNamed, Single, storeOf, type Words } from './support/single.js';

const [mine, theirs] = [refNamed(1, 5), refNamed(2, 7)];
const wireRef = ({ author, seq, hash }: typeof mine) => ({ author, seq: BigInt(seq), hash });
const opening = {
  case: 'opening',
  value: { nonce: bytes(16, 1), digest: bytes(32, 99), shortIds: bytes(0, 0), horizon: 1_000n },
} as const satisfies Words;
const nothingDiffers = { case: 'differing', value: { horizon: 1_000n } } as const satisfies Words;

/** Every kind of message, well formed. */
const messages: Readonly<Record<string, Words>> = {
  opening,
  equal: { case: 'equal', value: {} },
  differing: nothingDiffers,
  verdicts: { case: 'verdicts', value: { known: [] } },
  probe: { case: 'probe', value: { samples: [wireRef(theirs)] } },
  probeReply: { case: 'probeReply', value: { known: [] } },
  bundle: { case: 'bundle', value: { index: 0n, bundle: bytes(3, 0) } },
  ack: { case: 'ack', value: { index: 0n } },
  done: { case: 'done', value: {} },
  nothing: undefined,
};

/** How a session gets to each of its states, and what it may hear there. */
const states: readonly (readonly [name: string, side: () => Single, mayHear: readonly string[]])[] = [
  ['a responder at its start', () => new Single('responder', storeOf([mine])), ['opening']],
  ['a responder that awaits what differs', afterOpening, ['differing']],
  ['an initiator at its start', () => new Single('initiator', storeOf([mine])), ['equal', 'differing']],
  ['an initiator that awaits verdicts', afterDiffering, ['verdicts']],
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
    [
      'a nonce of another length',
      responder,
      { case: 'opening', value: { ...opening.value, nonce: bytes(15, 1) } },
    ],
    [
      'short ids that are cut off',
      responder,
      { case: 'opening', value: { ...opening.value, shortIds: bytes(12, 1) } },
    ],
    [
      'a tip whose author is no key',
      initiator,
      { case: 'differing', value: { tips: [{ ...wireRef(theirs), author: bytes(31, 1) }] } },
    ],
    [
      'a tip without hash',
      initiator,
      { case: 'differing', value: { tips: [{ ...wireRef(theirs), hash: bytes(0, 1) }] } },
    ],
    ['a tip at seq 0', initiator, { case: 'differing', value: { tips: [{ ...wireRef(theirs), seq: 0n }] } }],
    [
      'a tip at seq 2^53',
      initiator,
      { case: 'differing', value: { tips: [{ ...wireRef(theirs), seq: 2n ** 53n }] } },
    ],
    [
      'a short id that was not sent',
      initiator,
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
    const side = new Single('initiator', storeOf([mine]));
    side.hears(nothingDiffers);
    side.hears({ case: 'verdicts', value: { known: [] } });
    side.hears(messages['done']);
    // All is said on both sides: what comes now is not heard at all.
    assert.deepEqual(side.outcome, { kind: 'done' });
    assert.deepEqual(side.hears(messages['bundle']), []);
  });

  test('the same short id named again and again', () => {
    const side = new Single('initiator', storeOf([mine]));
    const [shortIds] = side.effects.flatMap((effect) =>
      effect.kind === 'send' && effect.message.body.case === 'opening'
        ? [effect.message.body.value.shortIds]
        : [],
    );
    assert.ok(shortIds);
    const again = { case: 'differing', value: { unknownShortIds: shortIds, more: true } } as const;
    side.hears(again);
    assert.equal(side.outcome, undefined);
    side.hears(again);
    assertBlames(side);
  });

  test('more tips than may differ, however they are spread', () => {
    const side = new Single('initiator', storeOf([mine]));
    const tips = Array.from({ length: 25_001 }, () => wireRef(theirs));
    for (let i = 0; i < 4; i++) side.hears({ case: 'differing', value: { tips, more: true } });
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

function initiator(): Single {
  return new Single('initiator', storeOf([mine]));
}

function afterOpening(): Single {
  const side = responder();
  side.hears(opening);
  return side;
}

function afterDiffering(): Single {
  const side = initiator();
  side.hears(nothingDiffers);
  return side;
}

function afterVerdicts(): Single {
  const side = afterDiffering();
  side.hears({ case: 'verdicts', value: { known: [] } });
  return side;
}

function assertBlames(side: Single): void {
  assert.ok(side.outcome?.kind === 'failed' && side.outcome.blame, `not ${JSON.stringify(side.outcome)}`);
  assert.equal(side.said.at(-1), 'failure');
}
