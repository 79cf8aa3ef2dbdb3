import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  compareBytes,
  concatBytes,
  fromHex,
  LatticeError,
  parseHash,
  parseNodeId,
  parseSignature,
  parseStoreId,
  toHex,
} from '@lattice/model';
import {
  cutOffsMax,
  decodeMeshOps,
  encodeMeshOp,
  isName,
  type MeshOp,
  nameBytesMax,
  revokedStoresMax,
} from '@lattice/meshstore';

const filled = (byte: number, length = 32): Uint8Array => new Uint8Array(length).fill(byte);
const node = parseNodeId(filled(0x11));
const store = parseStoreId(filled(0x22));
const hash = parseHash(filled(0x33));

/** One of each kind, byte for byte as the protocol has it. */
const vectors: readonly (readonly [MeshOp, string])[] = [
  [{ kind: 'nameMesh', name: 'home' }, '01 04686f6d65'],
  [
    { kind: 'invite', publicKey: filled(0x44), role: 'member', expiryMs: 300 },
    `02 ${'44'.repeat(32)} 01 ac02`,
  ],
  [
    {
      kind: 'admit',
      node,
      role: 'member',
      name: '',
      invite: { entry: hash, op: 128 },
      proof: parseSignature(filled(0x55, 64)),
    },
    `03 ${'11'.repeat(32)} 01 00 ${'33'.repeat(32)} 8001 ${'55'.repeat(64)}`,
  ],
  [{ kind: 'revoke', node, cutOffs: [] }, `04 ${'11'.repeat(32)} 00`],
  [
    { kind: 'revoke', node, cutOffs: [{ store, entries: [{ seq: 1, hash }] }] },
    `04 ${'11'.repeat(32)} 01 ${'22'.repeat(32)} 01 01 ${'33'.repeat(32)}`,
  ],
  [
    { kind: 'createStore', type: 'kv', random: filled(0x66), name: 'é' },
    `05 026b76 ${'66'.repeat(32)} 02c3a9`,
  ],
  [{ kind: 'nameStore', store, name: 'x' }, `06 ${'22'.repeat(32)} 0178`],
  [{ kind: 'nameNode', name: 'x' }, '07 0178'],
  [{ kind: 'removeStore', store }, `08 ${'22'.repeat(32)}`],
];

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const name = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(isName);
const cutOffs = fc.uniqueArray(
  record({
    seq: fc.oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 2 ** 53 - 1 })),
    hash: bytes32.map(parseHash),
  }),
  { maxLength: 5, selector: ({ seq }) => seq },
);
const sorted =
  <T>(compare: (a: T, b: T) => number) =>
  (items: T[]): T[] =>
    items.sort(compare);
const op: fc.Arbitrary<MeshOp> = fc.oneof(
  record({ kind: fc.constant('nameMesh' as const), name }),
  record({ kind: fc.constant('nameNode' as const), name }),
  record({ kind: fc.constant('nameStore' as const), store: bytes32.map(parseStoreId), name }),
  record({ kind: fc.constant('removeStore' as const), store: bytes32.map(parseStoreId) }),
  record({
    kind: fc.constant('createStore' as const),
    type: fc.constantFrom('kv', 'log', 'a-1'),
    random: bytes32,
    name,
  }),
  record({
    kind: fc.constant('invite' as const),
    publicKey: bytes32,
    role: fc.constant('member' as const),
    expiryMs: fc.maxSafeNat(),
  }),
  record({
    kind: fc.constant('admit' as const),
    node: bytes32.map(parseNodeId),
    role: fc.constant('member' as const),
    name: fc.oneof(name, fc.constant('')),
    invite: record({ entry: bytes32.map(parseHash), op: fc.nat() }),
    proof: fc.uint8Array({ minLength: 64, maxLength: 64 }).map(parseSignature),
  }),
  record({
    kind: fc.constant('revoke' as const),
    node: bytes32.map(parseNodeId),
    cutOffs: fc
      .uniqueArray(
        record({ store: bytes32.map(parseStoreId), entries: cutOffs.map(sorted((a, b) => a.seq - b.seq)) }),
        { maxLength: 4, selector: (named) => toHex(named.store) },
      )
      .map(sorted((a, b) => compareBytes(a.store, b.store))),
  }),
);

void test('each operation has the bytes that the protocol says', () => {
  for (const [one, hex] of vectors) {
    const bytes = fromHex(hex.replaceAll(' ', ''));
    assert.equal(toHex(encodeMeshOp(one)), toHex(bytes));
    assert.deepEqual(decodeMeshOps(bytes), [one]);
  }
});

void test('operations follow each other, and come back as they went', () => {
  assert.deepEqual(decodeMeshOps(new Uint8Array(0)), []);
  fc.assert(
    fc.property(fc.array(op, { maxLength: 6 }), (ops) => {
      assert.deepEqual(decodeMeshOps(concatBytes(...ops.map(encodeMeshOp))), ops);
    }),
  );
});

void test('what decodes has one encoding only, and what does not decode says why', () => {
  const mutated = fc
    .tuple(
      fc.array(op, { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
      fc.nat(3),
    )
    .map(([ops, changes, cut]) => {
      const bytes = concatBytes(...ops.map(encodeMeshOp));
      for (const [place, value] of changes) bytes[place % bytes.length] = value;
      return bytes.subarray(0, bytes.length - cut);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 200 })), (bytes) => {
      const decoded = decodeMeshOps(bytes);
      if ('kind' in decoded) assert(decoded.kind === 'invalid-op' && decoded.reason.length > 0);
      else assert.equal(toHex(concatBytes(...decoded.map(encodeMeshOp))), toHex(bytes));
    }),
    { numRuns: 2_000 },
  );
});

void test('one bad operation makes the whole payload invalid', () => {
  const good = encodeMeshOp({ kind: 'nameMesh', name: 'home' });
  for (const hex of [
    '00',
    '09',
    '01',
    '0100',
    '010107',
    '010a7f',
    '0102c285',
    '0101ff',
    '0103eda080',
    '01810061',
    `0141${'61'.repeat(65)}`,
    `02${'44'.repeat(32)}00ac02`,
    `02${'44'.repeat(32)}02ac02`,
    `02${'44'.repeat(32)}018000`,
    `04${'11'.repeat(32)}8120`,
    `04${'11'.repeat(32)}01${'22'.repeat(32)}41`,
    `04${'11'.repeat(32)}01${'22'.repeat(32)}0100${'33'.repeat(32)}`,
    `04${'11'.repeat(32)}01${'22'.repeat(32)}0201${'33'.repeat(32)}01${'33'.repeat(32)}`,
    `04${'11'.repeat(32)}01${'22'.repeat(32)}0202${'33'.repeat(32)}01${'33'.repeat(32)}`,
    `04${'11'.repeat(32)}02${'22'.repeat(32)}00${'22'.repeat(32)}00`,
    `05024b56${'66'.repeat(32)}0161`,
    `0500${'66'.repeat(32)}0161`,
    `08${'22'.repeat(31)}`,
  ]) {
    const decoded = decodeMeshOps(concatBytes(good, fromHex(hex)));
    assert('kind' in decoded && decoded.kind === 'invalid-op', hex);
  }
});

void test('a revocation is written in order, whatever order it was given in', () => {
  const [a, b] = [parseStoreId(filled(1)), parseStoreId(filled(2))];
  const entries = [
    { seq: 1, hash },
    { seq: 2, hash },
  ];
  const inOrder = {
    kind: 'revoke',
    node,
    cutOffs: [
      { store: a, entries },
      { store: b, entries: [] },
    ],
  } as const;
  const backwards = {
    ...inOrder,
    cutOffs: [
      { store: b, entries: [] },
      { store: a, entries: entries.toReversed() },
    ],
  };
  assert.equal(toHex(encodeMeshOp(backwards)), toHex(encodeMeshOp(inOrder)));
});

void test('bounds are those that the protocol names', () => {
  assert.deepEqual([nameBytesMax, cutOffsMax, revokedStoresMax], [64, 64, 4096]);
  const most = Array.from({ length: cutOffsMax }, (_, i) => ({ seq: i + 1, hash }));
  const full = encodeMeshOp({ kind: 'revoke', node, cutOffs: [{ store, entries: most }] });
  assert(!('kind' in decodeMeshOps(full)));
});

void test('a name that a person chose badly is refused with a code', () => {
  for (const bad of ['', 'a\nb', 'a\u0085b', '\u007f', 'x'.repeat(65), 'é'.repeat(33), '\ud800']) {
    assert(!isName(bad));
    assert.throws(() => encodeMeshOp({ kind: 'nameMesh', name: bad }), hasCode('invalid-name'));
  }
  for (const good of ['a', 'x'.repeat(64), 'é'.repeat(32), 'two words', '🐝']) assert(isName(good));
  assert.throws(
    () => encodeMeshOp({ kind: 'createStore', type: 'KV', random: filled(1), name: 'a' }),
    hasCode('invalid-store-type'),
  );
});

function hasCode(code: string) {
  return (error: unknown): boolean => error instanceof LatticeError && error.code === code;
}

/** Ordinary objects, as the decoder makes them. */
function record<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record<T>(model, { noNullPrototype: true });
}
