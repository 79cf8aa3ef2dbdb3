import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { toHex } from '@lattice/model';
import { encodePayload } from '@lattice/proto';
import {
  bundleOf,
  checkAgainstHistory,
  deliver,
  Dice,
  type HistoryEntry,
  historyKey,
  playHistory,
  ReplicaRig,
} from '@lattice/testkit';
import fc from 'fast-check';
import { exchange } from './support/exchange.js';
import { runs } from './support/runs.js';
import { genesis, momentOf, Story } from './support/story.js';
import { traceMachine, traceMachine2, words, wordsOf } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const [ann, ben] = [1, 2];

describe('a store of a type that the node does not know', () => {
  test('replicates all the same', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const history = playHistory(script, traceHistory);
        await using rig = await ReplicaRig.open({ genesis: history.genesis, machine: undefined });
        await deliver(rig, history, new Dice(seed));
        checkAgainstHistory(rig.replica, history);
        assert.deepEqual([...rig.replica.state.range()], []);
      }),
      { numRuns: runs(10), includeErrorInReport: true },
    );
  });

  test('is passed on, and shown once the node is upgraded', async () => {
    const story = new Story();
    await using blind = await ReplicaRig.open({ genesis, machine: undefined });
    await blind.receive(bundleOf([story.tell(ann), story.tell(ben)]));
    await using seeing = await ReplicaRig.open({ genesis, machine: traceMachine });
    await exchange(blind, seeing);
    assert.deepEqual(wordsOf(seeing.replica), [0, 1]);
    await blind.reopen('closed', traceMachine);
    assert.deepEqual(wordsOf(blind.replica), [0, 1]);
  });
});

describe('an entry of a newer version of the machine', () => {
  test('is skipped, recorded and passed on, and applied after the upgrade', async () => {
    await using old = await ReplicaRig.open({ genesis, machine: traceMachine });
    const [now, newer] = [entryOf(ann, 1, 1), entryOf(ben, 2, 2)];
    for (const entry of [now, newer]) await old.receive(bundleOf([entry]));
    assert.deepEqual(wordsOf(old.replica), [1]);
    assert.equal(old.replica.status().needsUpgrade, 1);
    await using upgraded = await ReplicaRig.open({ genesis, machine: traceMachine2 });
    await exchange(old, upgraded);
    assert.equal(toHex(upgraded.replica.digest()), toHex(old.replica.digest()));
    assert.deepEqual(wordsOf(upgraded.replica), [1, 2]);
    await old.reopen('closed', traceMachine2);
    assert.deepEqual(wordsOf(old.replica), [1, 2]);
    assert.equal(old.replica.status().needsUpgrade, 0);
  });

  test('is skipped again after a downgrade', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine2 });
    await rig.receive(bundleOf([entryOf(ann, 2, 5)]));
    await rig.replica.write(words(6));
    await rig.reopen('closed', traceMachine);
    assert.deepEqual(wordsOf(rig.replica), []);
    assert.equal(rig.replica.status().needsUpgrade, 2);
  });
});

test('an entry that no version can read does nothing, anywhere, and is passed on', async () => {
  const story = new Story();
  const garbage = story.write({
    key: historyKey(0, ann),
    prev: undefined,
    deps: [],
    hlc: momentOf(0),
    payload: Uint8Array.of(1, 0xff),
  });
  await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
  assert.deepEqual(await rig.receive(bundleOf([garbage, story.tell(ann)])), { kind: 'admitted', entries: 2 });
  assert.deepEqual(wordsOf(rig.replica), [1]);
  await using other = await ReplicaRig.open({ genesis, machine: traceMachine });
  await exchange(rig, other);
  assert.equal(toHex(other.replica.digest()), toHex(rig.replica.digest()));
});

function entryOf(author: number, version: number, word: number): HistoryEntry {
  return new Story().write({
    key: historyKey(0, author),
    prev: undefined,
    deps: [],
    hlc: momentOf(0),
    payload: encodePayload(version, [words(word)]),
  });
}
