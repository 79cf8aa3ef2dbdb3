import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseHash } from '@lattice/model';
import { type Chain, chooseCutOffs, cutOffsMax } from '@lattice/meshstore';

/** A branch that leaves the trunk (branch 0) behind the entry at `from`. */
function chain(tipSeq: number, branch = 0, from = 0): Chain {
  return {
    tipSeq,
    hashAt(seq) {
      assert(seq >= 1 && seq <= tipSeq);
      const bytes = new Uint8Array(32);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(seq));
      bytes[31] = seq > from ? branch : 0;
      return parseHash(bytes);
    },
  };
}

const seqsOf = (chains: readonly Chain[]): number[] => chooseCutOffs(chains).map(({ seq }) => seq);

void test('a chain is named at its tip and 1, 2, 4, 8 ... before it', () => {
  assert.deepEqual(seqsOf([chain(1)]), [1]);
  assert.deepEqual(seqsOf([chain(2)]), [2, 1]);
  assert.deepEqual(seqsOf([chain(20)]), [20, 19, 18, 16, 12, 4]);
  assert.deepEqual(
    chooseCutOffs([chain(3)]),
    [3, 2, 1].map((seq) => ({ seq, hash: chain(3).hashAt(seq) })),
  );
});

void test('nothing is named of an author who wrote nothing', () => {
  assert.deepEqual(chooseCutOffs([]), []);
});

void test('whoever has half of a chain or more can accept more than half of what it has', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 2, max: 1_000_000 }),
      fc.double({ min: 0.5, max: 1, noNaN: true }),
      (tipSeq, part) => {
        const present = Math.ceil(tipSeq * part);
        const accepted = Math.max(...seqsOf([chain(tipSeq)]).filter((seq) => seq <= present));
        assert(tipSeq - accepted <= 2 * (tipSeq - present) || accepted === present);
      },
    ),
  );
});

void test('branches share the bound, each with its tip, and name their trunk once', () => {
  const branches = [chain(120, 1, 60), chain(110, 2, 60)];
  const chosen = chooseCutOffs(branches);
  assert(chosen.length <= cutOffsMax);
  for (const branch of branches) {
    assert(chosen.some(({ seq, hash }) => seq === branch.tipSeq && hash[31] === branch.hashAt(seq)[31]));
  }
  const keys = new Set(chosen.map(({ seq, hash }) => `${seq}/${hash[31]}`));
  assert.equal(keys.size, chosen.length);
});

void test('any number of branches of any length stays within the bound, the first ones with their tips', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 2 ** 53 - 1 }), { maxLength: 100 }), (tips) => {
      const chains = tips.map((tipSeq, i) => chain(tipSeq, i + 1));
      const chosen = chooseCutOffs(chains);
      assert(chosen.length <= cutOffsMax);
      for (const branch of chains.slice(0, cutOffsMax)) {
        assert(chosen.some(({ seq, hash }) => seq === branch.tipSeq && hash[31] === branch.hashAt(seq)[31]));
      }
    }),
  );
});

void test('with many branches ancestors are still named from near to far', () => {
  const chosen = chooseCutOffs(Array.from({ length: 16 }, (_, i) => chain(1_000_000, i + 1)));
  const first = chosen.filter(({ hash }) => hash[31] === 1).map(({ seq }) => 1_000_000 - seq);
  assert.equal(first.length, 4);
  assert.deepEqual([first[0], first.at(-1)], [0, 2 ** 19]);
});
