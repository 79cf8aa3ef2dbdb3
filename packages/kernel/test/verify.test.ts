import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { verifyBundle } from '@lattice/kernel';
import { sign } from '@lattice/crypto';
import type { Bundle, Hash, IdKey, NodeId, Signature } from '@lattice/model';
import { equalBytes, idKey } from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import {
  bundleOf,
  bundlesOf,
  causalOrder,
  Dice,
  historyKey,
  playHistory,
  ReplicaRig,
} from '@lattice/testkit';
import fc from 'fast-check';
import { runs } from './support/runs.js';
import { genesis, Story } from './support/story.js';
import { traceMachine } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const [ann, ben] = [1, 2];
const nothing = () => undefined;
const sender = 'a peer' as IdKey;

describe('a bundle', () => {
  test('of anybody, any chains and any grouping verifies in full, by whoever has nothing', () => {
    fc.assert(
      fc.property(traceScripts, seeds, (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        for (const bundle of bundlesOf(causalOrder(new Set(history.entries), dice), dice)) {
          const verification = verifyBundle(encodeBundle(bundle, 'full'), nothing);
          assert.ok(verification.kind === 'verified');
          assert.deepEqual(verification.bundle.hashes, bundle.hashes);
        }
      }),
      { numRuns: runs(20) },
    );
  });

  test('that was changed in any byte does not verify', () => {
    const story = new Story();
    const a1 = story.tell(ann);
    const bytes = encodeBundle(bundleOf([a1, story.tell(ben, { deps: [a1] }), story.tell(ann)]), 'full');
    for (let at = 0; at < bytes.length; at++) {
      const changed = bytes.slice();
      changed[at] = (changed[at] as number) ^ 0x11;
      assert.notEqual(verifyBundle(changed, nothing).kind, 'verified', `byte ${at}`);
    }
  });

  test('with one wrong signature among several names whose it is', () => {
    const story = new Story();
    const [a1, b1] = [story.tell(ann), story.tell(ben)];
    const verification = verify(forging(bundleOf([a1, b1]), b1.entry.author), 'full');
    assert.ok(verification.kind === 'bad-signature' && equalBytes(verification.author, b1.entry.author));
  });

  test('signed by another key, or for another purpose, does not verify', () => {
    const { chains, ...rest } = bundleOf([new Story().tell(ann)]);
    const [hash] = rest.hashes;
    assert.ok(hash);
    const signedAs = (signature: Signature) =>
      verify({ ...rest, chains: chains.map((chain) => ({ ...chain, signature })) }, 'full').kind;
    assert.equal(signedAs(sign(historyKey(0, ann), 'chain', hash)), 'verified');
    assert.equal(signedAs(sign(historyKey(0, ben), 'chain', hash)), 'bad-signature');
    assert.equal(signedAs(sign(historyKey(0, ann), 'invite', hash)), 'bad-signature');
  });

  test('whose signature is over an entry before the last does not verify', () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann), story.tell(ann)];
    const { chains, ...rest } = bundleOf([a1, a2]);
    const early = { ...rest, chains: chains.map((chain) => ({ ...chain, signature: a1.signature })) };
    assert.equal(verify(early, 'full').kind, 'bad-signature');
  });
});

describe('a thin bundle', () => {
  const story = new Story();
  const a1 = story.tell(ann);
  const other = story.tell(ann, { after: 'genesis' });
  const b1 = story.tell(ben, { deps: [a1] });

  test('verifies where its deps can be looked up', () => {
    assert.equal(
      verify(bundleOf([b1]), 'thin', (author, seq) => lookUp(a1.hash, author, seq)).kind,
      'verified',
    );
  });

  test('is asked for in full where they cannot, or are others: nobody is to blame', () => {
    assert.equal(verify(bundleOf([b1]), 'thin').kind, 'needs-full');
    assert.equal(
      verify(bundleOf([b1]), 'thin', (author, seq) => lookUp(other.hash, author, seq)).kind,
      'needs-full',
    );
    assert.equal(verify(forging(bundleOf([a1]), a1.entry.author), 'thin').kind, 'needs-full');
  });

  test('is asked for in full where another branch here makes its deps look out of order', () => {
    const both = story.tell(3, { deps: [a1, other] });
    assert.equal(verify(bundleOf([both]), 'thin', () => a1.hash).kind, 'needs-full');
    assert.equal(verify(bundleOf([both]), 'full').kind, 'verified');
  });

  test('is completed by a replica that has exactly one entry at that place', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const isThinEnough = () =>
      verify(bundleOf([b1]), 'thin', (author, seq) => rig.replica.lookUp(author, seq)).kind === 'verified';
    assert.ok(!isThinEnough());
    await rig.receive(bundleOf([a1]));
    assert.ok(isThinEnough());
    await rig.receive(bundleOf([other]));
    assert.ok(!isThinEnough());
  });

  function lookUp(hash: Hash, author: NodeId, seq: number): Hash | undefined {
    return equalBytes(author, a1.entry.author) && seq === 1 ? hash : undefined;
  }
});

describe('bytes that are no bundle', () => {
  test('are malformed, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        assert.notEqual(verifyBundle(bytes, nothing).kind, 'verified');
      }),
      { numRuns: runs(500) },
    );
    assert.equal(verifyBundle(new Uint8Array(0), nothing).kind, 'malformed');
    assert.equal(verifyBundle(Uint8Array.of(1), nothing).kind, 'malformed');
  });

  test('behind a bundle make it malformed', () => {
    const bytes = encodeBundle(bundleOf([new Story().tell(ann)]), 'full');
    assert.equal(verifyBundle(Uint8Array.of(...bytes, 0), nothing).kind, 'malformed');
  });
});

function verify(
  bundle: Bundle,
  form: 'full' | 'thin',
  lookUp: (author: NodeId, seq: number) => Hash | undefined = nothing,
): ReturnType<typeof verifyBundle> {
  return verifyBundle(encodeBundle(bundle, form), lookUp);
}

function forging(bundle: Bundle, author: NodeId): Bundle {
  const chains = bundle.chains.map((chain) =>
    idKey(chain.author) === idKey(author)
      ? { ...chain, signature: chain.signature.map((byte, at) => (at === 0 ? byte ^ 1 : byte)) as Signature }
      : chain,
  );
  return { ...bundle, chains };
}

describe('of what peers send', () => {
  test('nobody looks at the signatures of what is here already, and at all of them where anything is news', async () => {
    const story = new Story();
    const [a1, b1] = [story.tell(ann), story.tell(ben)];
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.receive(bundleOf([a1, b1]));
    const known = forging(bundleOf([a1, b1]), b1.entry.author);
    assert.deepEqual(await rig.replica.receive(encodeBundle(known, 'full'), sender), { kind: 'known' });
    assert.deepEqual(await rig.replica.receive(encodeBundle(known, 'thin'), sender), { kind: 'known' });

    const news = forging(bundleOf([b1, story.tell(ann)]), b1.entry.author);
    const receipt = await rig.replica.receive(encodeBundle(news, 'full'), sender);
    assert.equal(receipt.kind, 'bad-signature');
    assert.equal(rig.replica.status().entries, 2);
  });

  test('an entry that is here under another hash is news', async () => {
    const [told, otherwise] = [new Story().tell(ann, { words: [1] }), new Story().tell(ann, { words: [2] })];
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.receive(bundleOf([told]));
    const forged = forging(bundleOf([otherwise]), otherwise.entry.author);
    assert.equal((await rig.replica.receive(encodeBundle(forged, 'full'), sender)).kind, 'bad-signature');
  });
});
