import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hashEntry, verifyBundle } from '@lattice/kernel';
import { parseHash, toHex } from '@lattice/model';
import { decodeBundle, encodeBundle } from '@lattice/proto';
import { committed } from './committed.js';
import { bundleJson } from './make/json.js';
import { type LookUp, type NaiveBundle, readBundle } from './naive/bundle.js';
import { hex } from './naive/cursor.js';
import type { NaiveRef } from './naive/formats.js';
import { isSigned } from './naive/signatures.js';
import { emptyReplica } from './replica.js';

test('a bundle reads as its fields, by the code and by a plain reading of the protocol', () => {
  const { bundles } = committed('bundles');
  for (const { name, form, lookUps, bytes, ...fields } of bundles) {
    const lookUp = lookUpIn(lookUps);
    assert.deepEqual(readBundle(hex(bytes), lookUp), fields, name);

    const decoded = decodeBundle(hex(bytes), { hashEntry, lookUp: asBytes(lookUp) });
    assert.equal(decoded.kind, 'bundle', name);
    assert.equal(decoded.form, form, name);
    assert.deepEqual(bundleJson(decoded.bundle), fields, name);
    assert.equal(toHex(encodeBundle(decoded.bundle, form)), bytes, name);
  }
});

test("each chain's signature is over the hash of its last entry", () => {
  const { bundles } = committed('bundles');
  for (const { name, lookUps, bytes, ...fields } of bundles) {
    assert.ok(isAuthentic(fields as NaiveBundle), name);
    assert.equal(verifyBundle(hex(bytes), asBytes(lookUpIn(lookUps))).kind, 'verified', name);
  }
});

test('what is wrong with a bundle is found, and called what it is', async () => {
  const { bundles } = committed('bundles-refused');
  for (const { name, reason, lookUps, bytes } of bundles) {
    assert.equal(await outcomeOf(bytes, lookUpIn(lookUps)), reason, name);
  }
});

test('a plain reading of the protocol finds the same bundles wrong', () => {
  const { bundles } = committed('bundles-refused');
  for (const { name, reason, lookUps, bytes } of bundles) {
    if (reason === 'malformed') {
      assert.throws(() => readBundle(hex(bytes), lookUpIn(lookUps)), Error, name);
      continue;
    }
    const read = readBundle(hex(bytes), lookUpIn(lookUps));
    const isGood = read !== undefined && isAuthentic(read);
    assert.equal(isGood, reason === 'refused' || reason === 'pending', name);
  }
});

async function outcomeOf(bytes: string, lookUp: LookUp): Promise<string> {
  const verification = verifyBundle(hex(bytes), asBytes(lookUp));
  if (verification.kind !== 'verified') return verification.kind;
  await using replica = await emptyReplica();
  return (await replica.admit(verification.bundle, 'log')).kind;
}

function isAuthentic({ chains, entries }: NaiveBundle): boolean {
  return chains.every(({ author, signature }, number) => {
    const last = entries.findLast(({ chain }) => chain === number);
    return last !== undefined && isSigned(author, 'chain', last.hash, signature);
  });
}

/** As somebody answers who has these entries: not where there are several of one author and seq. */
function lookUpIn(refs: readonly NaiveRef[]): LookUp {
  return (author, seq) => {
    const found = refs.filter((ref) => ref.author === author && ref.seq === seq);
    return found.length === 1 ? found[0]?.hash : undefined;
  };
}

function asBytes(lookUp: LookUp): Parameters<typeof verifyBundle>[1] {
  return (author, seq) => {
    const found = lookUp(toHex(author), seq);
    return found === undefined ? undefined : parseHash(hex(found));
  };
}
