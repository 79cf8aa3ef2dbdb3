import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Admission, EntryRef, Hlc } from '@lattice/model';
import { equalBytes } from '@lattice/model';
import { bundleOf, type HistoryEntry, historyKey, refOf, ReplicaRig } from '@lattice/testkit';
import { withRule } from './support/admissions.js';
import { assertKeepsWhatItShould } from './support/counting-oracle.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, wordsOf } from './support/trace.js';

const [ann, ben] = [1, 2];

describe('a revoked author', () => {
  test('counts up to a cut-off that is here, and what is beyond is kept only if it is named', async () => {
    const story = new Story();
    const [a1, a2, a3] = [story.tell(ann), story.tell(ann), story.tell(ann)];
    const admission = revoking(ann, [[a1]], [a2]);
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, admission });
    await rig.receive(bundleOf([a1, a2, a3]));
    assert.deepEqual(wordsOf(rig.replica), [0]);
    assert.deepEqual(rig.replica.tips(), [refOf(a2)]);
    assertKeepsWhatItShould(rig.replica, story, admission);
  });

  test('counts for more once a later cut-off of the same revocation arrives', async () => {
    const story = new Story();
    const [a1, a2, a3] = [story.tell(ann), story.tell(ann), story.tell(ann)];
    const admission = revoking(ann, [[a1, a3]]);
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, admission });
    await rig.receive(bundleOf([a1, a2]));
    assert.deepEqual(wordsOf(rig.replica), [0]);
    await rig.receive(bundleOf([a3]));
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 2]);
    assertKeepsWhatItShould(rig.replica, story, admission);
  });

  test('counts for more also when the cut-off is read back from the log by a state that is behind', async () => {
    const story = new Story();
    const [a1, a2, a3] = [story.tell(ann), story.tell(ann), story.tell(ann)];
    const admission = revoking(ann, [[a1, a3]]);
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, admission });
    await rig.receive(bundleOf([a1, a2]));
    // Now it is on record that the author was looked at under this rule.
    await rig.setAdmission(admission);
    const earlier = rig.keepState();
    await rig.receive(bundleOf([a3]));
    await rig.reopen(earlier);
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 2]);
    assertKeepsWhatItShould(rig.replica, story, admission);
  });

  test('has a named entry kept that does not count, also when it arrives late', async () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann), story.tell(ann)];
    const admission = revoking(ann, [[a1]], [a2]);
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, admission });
    await rig.receive(bundleOf([a1]));
    await rig.receive(bundleOf([a2]));
    assert.deepEqual(rig.replica.tips(), [refOf(a2)]);
    assertKeepsWhatItShould(rig.replica, story, admission);
  });

  test('has a named entry kept no longer than it is named', async () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann), story.tell(ann)];
    await using rig = await ReplicaRig.open({
      genesis,
      machine: traceMachine,
      admission: revoking(ann, [[a1]], [a2]),
    });
    await rig.receive(bundleOf([a1, a2]));
    const admission = revoking(ann, [[a1]]);
    await rig.setAdmission(admission);
    assert.deepEqual(rig.replica.tips(), [refOf(a1)]);
    assertKeepsWhatItShould(rig.replica, story, admission);
  });

  test('has a named entry kept no longer than it is named, also where that changed while the store was closed', async () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann), story.tell(ann)];
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, admission: 'none' });
    await rig.setAdmission(revoking(ann, [[a1]], [a2]));
    await rig.receive(bundleOf([a1, a2]));
    await rig.reopen();
    const admission = revoking(ann, [[a1]]);
    await rig.setAdmission(admission);
    assertKeepsWhatItShould(rig.replica, story, admission);
  });
});

describe('an author admitted behind an entry', () => {
  test('counts from it on, also when that entry comes after others of the author', async () => {
    const story = new Story();
    const early = story.tell(ann);
    const admitting = story.tell(ben);
    const late = story.tell(ann, { deps: [admitting] });
    const admission = withRule(historyKey(0, ann).nodeId, {
      spans: [{ after: -1n as Hlc, behind: refOf(admitting) }],
      cutOffs: [],
    });
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, admission });
    for (const entry of [early, admitting, late]) await rig.receive(bundleOf([entry]));
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
    assertKeepsWhatItShould(rig.replica, story, admission);
  });
});

/** Everybody counts, but of one author only what these lists of cut-offs allow. */
function revoking(
  author: number,
  cutOffs: readonly (readonly HistoryEntry[])[],
  alsoNamed: readonly HistoryEntry[] = [],
): Admission {
  const named: EntryRef[] = [...cutOffs.flat(), ...alsoNamed].map(refOf);
  return {
    rule: (other) => ({
      spans: [{ after: -1n as Hlc }],
      cutOffs: equalBytes(other, historyKey(0, author).nodeId) ? cutOffs.map((list) => list.map(refOf)) : [],
    }),
    authors: () => [],
    alsoKept: () => named,
  };
}
