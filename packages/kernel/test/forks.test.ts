import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { idKey, type NodeId, toHex } from '@lattice/model';
import { bundleOf, deliver, Dice, historyKey, refOf, ReplicaRig, type RigOptions } from '@lattice/testkit';
import { exchange } from './support/exchange.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';

const [ann, ben, cat] = [1, 2, 3];

describe('two nodes with the same key', () => {
  test('write both, and everybody keeps both branches', async () => {
    await using left = await openAs(ann);
    await using right = await openAs(ann);
    await using other = await openAs(ben);
    await left.replica.write(words(1));
    await exchange(left, right);
    await left.replica.write(words(2));
    await right.replica.write(words(3));
    await exchange(left, other);
    await exchange(other, right);
    await exchange(left, other);
    for (const rig of [left, right, other]) {
      assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
      assert.deepEqual([...rig.replica.status().forks], [[idKey(nodeId(ann)), 2]]);
      assert.equal(toHex(rig.replica.digest()), toHex(left.replica.digest()));
      assert.deepEqual(viewTrace(rig.replica), viewTrace(left.replica));
    }
  });

  test('go on, each from its own branch, also where that is the shorter one, and after they were opened again', async () => {
    await using left = await openAs(ann);
    await using right = await openAs(ann);
    const first = await left.replica.write(words(1));
    for (const word of [2, 3]) await right.replica.write(words(word));
    await exchange(left, right);
    for (const ending of ['closed', 'killed'] as const) {
      await left.reopen(ending);
      await left.replica.write(words(4));
    }
    const start = { author: nodeId(ann), seq: 1, hash: first.entry };
    const own = left.replica.tips().filter((tip) => left.replica.isChainAncestor(start, tip));
    assert.deepEqual(
      own.map(({ seq }) => seq),
      [3],
    );
    await exchange(left, right);
    for (const { replica } of [left, right]) {
      assert.deepEqual([...replica.status().forks.values()], [2]);
      assert.deepEqual(
        replica
          .tips()
          .map(({ seq }) => seq)
          .sort((a, b) => a - b),
        [2, 3],
      );
    }
  });

  test('make no third branch where the state was lost: they go on from one of those that are there', async () => {
    await using left = await openAs(ann);
    await using right = await openAs(ann);
    await left.replica.write(words(1));
    for (const word of [2, 3]) await right.replica.write(words(word));
    await exchange(left, right);
    await left.reopen('state-lost');
    await left.replica.write(words(4));
    assert.deepEqual([...left.replica.status().forks.values()], [2]);
    assert.deepEqual(
      left.replica
        .tips()
        .map(({ seq }) => seq)
        .sort((a, c) => a - c),
      [1, 3],
    );
  });

  test('are no fork as long as one goes on where the other left off', async () => {
    await using left = await openAs(ann);
    await using right = await openAs(ann);
    for (const word of [1, 3, 5]) {
      await left.replica.write(words(word));
      await exchange(left, right);
      await right.replica.write(words(word + 1));
      await exchange(left, right);
    }
    assert.equal(left.replica.status().forks.size, 0);
    assert.deepEqual(
      left.replica.tips().map(({ seq }) => seq),
      [6],
    );
  });
});

describe('a fork', () => {
  test('is reported once, by the commit that brings the second branch', async () => {
    const story = new Story();
    const a1 = story.tell(ann);
    const [left, right] = [story.tell(ann, { after: a1 }), story.tell(ann, { after: a1 })];
    const right2 = story.tell(ann, { after: right });
    await using rig = await openAs(ben);
    const forked: string[][] = [];
    rig.replica.onCommit((commit) => forked.push([...commit.forked]));
    for (const entry of [a1, left, right, right2]) await rig.receive(bundleOf([entry]));
    assert.deepEqual(forked, [[], [], [idKey(nodeId(ann))], []]);
  });

  test('at the very first entry is a fork too', async () => {
    const story = new Story();
    await using rig = await openAs(ben);
    await rig.receive(bundleOf([story.tell(ann)]));
    await rig.receive(bundleOf([story.tell(ann, { after: 'genesis' })]));
    assert.deepEqual([...rig.replica.status().forks.values()], [2]);
    assert.equal(rig.replica.status().chains, 2);
  });

  test('of a fork has as many branches as ends, in whatever order they came', async () => {
    const story = new Story();
    const a1 = story.tell(ann);
    const [b, c] = [story.tell(ann, { after: a1 }), story.tell(ann, { after: a1 })];
    for (const after of [b, b, c]) story.tell(ann, { after });
    for (const seed of [0, 1, 2, 3, 4, 5]) {
      await using rig = await openAs(ben);
      await deliver(rig, story, new Dice(seed));
      assert.deepEqual([...rig.replica.status().forks.values()], [3]);
    }
  });

  test('makes a place ambiguous only from where the branches part', async () => {
    const story = new Story();
    const a1 = story.tell(ann);
    const [left, right] = [story.tell(ann, { after: a1 }), story.tell(ann, { after: a1 })];
    const right2 = story.tell(ann, { after: right });
    await using rig = await openAs(ben);
    for (const entry of [a1, left, right, right2]) await rig.receive(bundleOf([entry]));
    const { replica } = rig;
    const found = (seq: number) => replica.lookUp(nodeId(ann), seq);
    assert.deepEqual([1, 2, 3, 4].map(found), [a1.hash, undefined, right2.hash, undefined]);
    assert.equal(replica.lookUp(nodeId(cat), 1), undefined);
    assert.ok(
      replica.isChainAncestor(refOf(a1), refOf(left)) && replica.isChainAncestor(refOf(a1), refOf(right2)),
    );
    assert.ok(
      !replica.isChainAncestor(refOf(left), refOf(right2)) &&
        !replica.isChainAncestor(refOf(right2), refOf(a1)),
    );
  });

  test('gives each branch its own samples, back to the entry that both go on from', async () => {
    const story = new Story();
    const trunk = Array.from({ length: 5 }, () => story.tell(ann));
    const branch = (length: number) => {
      let last = story.tell(ann, { ...(trunk[4] && { after: trunk[4] }) });
      for (let i = 1; i < length; i++) last = story.tell(ann, { after: last });
      return last;
    };
    const [left, right] = [branch(3), branch(6)];
    await using rig = await openAs(ben);
    await rig.receive(bundleOf(story.entries));
    for (const [tip, seqs] of [
      [left, [8, 7, 6, 4, 1]],
      [right, [11, 10, 9, 7, 3, 1]],
    ] as const) {
      const samples = rig.replica.samples(refOf(tip));
      assert.deepEqual(
        samples.map(({ seq }) => seq),
        seqs,
      );
      for (const sample of samples) assert.ok(rig.replica.isChainAncestor(sample, refOf(tip)));
    }
    assert.deepEqual(rig.replica.samples({ ...refOf(left), seq: 1 }), []);
  });
});

describe('an adversary that shows each peer another branch', () => {
  for (const order of ['the deceived meet first', 'a third party meets each of them first'] as const) {
    test(`is found out as soon as they meet, and all arrive at the same state, if ${order}`, async () => {
      const story = new Story();
      const trunk = story.tell(ann, { words: [1] });
      const left = [story.tell(ann, { after: trunk, words: [2] }), story.tell(ann, { words: [3] })];
      const right = [story.tell(ann, { after: trunk, words: [4] })];
      await using one = await openAs(ben);
      await using two = await openAs(cat);
      await using third = await openAs(4);
      for (const rig of [one, two, third]) await rig.receive(bundleOf([trunk]));
      await one.receive(bundleOf(left));
      await two.receive(bundleOf(right));
      // Each builds on what it was shown.
      await one.replica.write(words(5));
      await two.replica.write(words(6));
      const reported = new Map([one, two, third].map((rig) => [rig, 0]));
      for (const rig of [one, two, third])
        rig.replica.onCommit(({ forked }) => reported.set(rig, (reported.get(rig) ?? 0) + forked.length));
      if (order === 'the deceived meet first') await exchange(one, two);
      for (const rig of [one, two, one]) await exchange(third, rig);
      for (const rig of [one, two, third]) {
        assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5, 6]);
        assert.deepEqual(viewTrace(rig.replica), viewTrace(one.replica));
        assert.equal(toHex(rig.replica.digest()), toHex(one.replica.digest()));
        assert.deepEqual([...rig.replica.status().forks], [[idKey(nodeId(ann)), 2]]);
        assert.equal(reported.get(rig), 1);
        const [author] = [...rig.replica.authors()].filter((all) => all.chains.length > 1);
        assert.deepEqual(author?.chains.map(({ seq }) => seq).toSorted(), [2, 3]);
        assert.equal([...rig.replica.history()].filter(({ forked }) => forked).length, 2);
      }
    });
  }
});

function openAs(author: number, options: Partial<RigOptions> = {}): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, author), ...options });
}

function nodeId(author: number): NodeId {
  return historyKey(0, author).nodeId;
}
