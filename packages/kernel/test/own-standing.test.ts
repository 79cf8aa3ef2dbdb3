import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Admission, AuthorRule } from '@lattice/model';
import { bundleOf, historyBeginsMs, historyKey, refOf, ReplicaRig } from '@lattice/testkit';
import { withRule } from './support/admissions.js';
import { rejectsWith } from './support/rejects.js';
import { genesis, momentOf, Story } from './support/story.js';
import { traceMachine, words, wordsOf } from './support/trace.js';

const [self, ann] = [0, 1];
const hour = 3_600_000;

describe('what a clock that is set back would date before its writer was let in', () => {
  test('is refused also where the clock was right when the write was asked for, and is in no log', async () => {
    await using rig = await open(lettingIn({ spans: [{ after: momentOf(hour) }], cutOffs: [] }));
    rig.time.setNowMs(historyBeginsMs + 2 * hour);
    const writing = [1, 2].map((word) => rejectsWith(rig.replica.write(words(word)), 'clock-behind'));
    rig.time.setNowMs(historyBeginsMs);
    await Promise.all(writing);
    await rig.reopen('state-lost');
    assert.equal(rig.replica.status().entries, 0);
    rig.time.setNowMs(historyBeginsMs + 2 * hour);
    await rig.replica.write(words(3));
    assert.deepEqual([wordsOf(rig.replica), countsOf(rig)], [[3], [true]]);
  });

  test('is refused where the last own entry lies behind the admission, too', async () => {
    await using rig = await open(lettingIn({ spans: [{ after: momentOf(hour) }], cutOffs: [] }));
    rig.time.setNowMs(historyBeginsMs + 2 * hour);
    for (const word of [1, 2]) await rig.replica.write(words(word));
    rig.time.setNowMs(historyBeginsMs);
    await rig.replica.write(words(3));
    assert.deepEqual(countsOf(rig), [true, true, true], 'a node that runs goes on from what it has');
    await rig.reopen();
    await rejectsWith(rig.replica.write(words(4)), 'clock-behind');
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
  });

  test('is refused by what the admission says as the entry is made', async () => {
    await using rig = await open(lettingIn({ spans: [{ after: momentOf(-hour) }], cutOffs: [] }));
    await rig.replica.write(words(1));
    await rig.setAdmission(lettingIn({ spans: [{ after: momentOf(hour) }], cutOffs: [] }));
    await rejectsWith(rig.replica.write(words(2)), 'clock-behind');
  });

  test('is what sees no admission, too, where an admission must be seen: unless the writer wrote behind it before', async () => {
    const admitting = new Story().tell(ann, { atMs: hour });
    const rule = { spans: [{ after: momentOf(hour), behind: refOf(admitting) }], cutOffs: [] };
    await using rig = await open(lettingIn(rule), { projectUncounted: true });
    rig.time.setNowMs(historyBeginsMs + hour);
    await rig.receive(bundleOf([admitting]));
    rig.time.setNowMs(historyBeginsMs);
    await rejectsWith(rig.replica.write(words(1)), 'clock-behind');
    assert.equal(rig.replica.status().entries, 1);
    rig.time.setNowMs(historyBeginsMs + hour);
    await rig.replica.write(words(2));
    rig.time.setNowMs(historyBeginsMs);
    await rig.replica.write(words(3));
    assert.deepEqual(countsOf(rig), [true, true, true]);
  });

  test('is nothing that somebody writes who is no member: no clock makes that count', async () => {
    await using rig = await open(lettingIn(undefined));
    await rig.replica.write(words(1));
    assert.deepEqual(countsOf(rig), [false]);
  });
});

/** Lets everybody in from the beginning, but for the rig's own key. */
function lettingIn(rule: AuthorRule | undefined): Admission {
  return withRule(historyKey(0, self).nodeId, rule);
}

function countsOf({ replica }: ReplicaRig): readonly boolean[] {
  return [...replica.history()].map(({ counts }) => counts);
}

function open(
  admission: Admission,
  options: { readonly projectUncounted?: boolean } = {},
): Promise<ReplicaRig> {
  return ReplicaRig.open({
    genesis,
    machine: traceMachine,
    key: historyKey(0, self),
    admission,
    ...options,
  });
}
