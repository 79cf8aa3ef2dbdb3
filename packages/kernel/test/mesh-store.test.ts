import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bundleOf, everybody, ReplicaRig } from '@lattice/testkit';
import { assertKeepsWhatItShould } from './support/counting-oracle.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, traceMachine2, wordsOf } from './support/trace.js';

/** A store that says itself who counts: it is opened without an admission, which follows. */
function openRig(): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine, admission: 'none', projectUncounted: true });
}

describe('a store whose admission follows', () => {
  test('gives the machine everything, and keeps nothing until somebody counts', async () => {
    const story = new Story();
    await using rig = await openRig();
    await rig.receive(bundleOf([story.tell(1), story.tell(2)]));
    assert.deepEqual(wordsOf(rig.replica), [0, 1]);
    assert.equal(rig.replica.status().entries, 0);
    await rig.setAdmission(everybody);
    assert.deepEqual(wordsOf(rig.replica), [0, 1]);
    assert.equal(rig.replica.status().entries, 2);
  });

  test('counts what a state that was behind reads back from the log, under the admission it had before', async () => {
    const story = new Story();
    await using rig = await openRig();
    await rig.setAdmission(everybody);
    await rig.receive(bundleOf([story.tell(1)]));
    await rig.setAdmission(everybody);
    const earlier = rig.keepState();
    await rig.receive(bundleOf([story.tell(1)]));
    await rig.reopen(earlier);
    await rig.setAdmission(everybody);
    assertKeepsWhatItShould(rig.replica, story, everybody);
  });

  test('knows what was in a record that is damaged since, also when what counts is counted anew', async () => {
    const story = new Story();
    await using rig = await openRig();
    await rig.setAdmission(everybody);
    for (const author of [1, 2]) await rig.receive(bundleOf([story.tell(author)]));
    for (const { offset } of [...rig.stored.log.itemsFrom(0)].slice(0, 1)) rig.stored.log.damage(offset);
    await rig.setAdmission({ rule: () => undefined, authors: () => [], alsoKept: () => [] });
    assert.equal(rig.replica.status().entries, 0);
    assert.deepEqual(wordsOf(rig.replica), [0, 1]);
    await rig.setAdmission(everybody);
    assert.equal(rig.replica.status().entries, 2);
  });

  test('counts everything again after an upgrade of its machine', async () => {
    const story = new Story();
    await using rig = await openRig();
    await rig.setAdmission(everybody);
    await rig.receive(bundleOf([story.tell(1)]));
    await rig.setAdmission(everybody);
    await rig.reopen('closed', traceMachine2);
    await rig.setAdmission(everybody);
    assertKeepsWhatItShould(rig.replica, story, everybody);
    assert.deepEqual(wordsOf(rig.replica), [0]);
  });
});
