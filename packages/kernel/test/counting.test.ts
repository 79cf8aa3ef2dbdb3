import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Admission } from '@lattice/model';
import {
  bundlesOf,
  causalOrder,
  deliver,
  Dice,
  type Ending,
  hastyTimers,
  type History,
  operationsOf,
  playHistory,
  ReplicaRig,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { drawAdmission } from './support/admissions.js';
import { assertKeepsWhatItShould } from './support/counting-oracle.js';
import { runs } from './support/runs.js';
import { expectedTrace, traceMachine, viewTrace } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const report = { includeErrorInReport: true };

describe('what counts and what is kept', () => {
  test('is what the rule says, of what is there, at any moment', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        const admission = drawAdmission(history, dice, { withCutOffs: true });
        await using rig = await openRig(history, dice, admission);
        await deliver(rig, history, dice, () => assertInLine(rig, history, admission));
        await assertInLine(rig, history, admission);
      }),
      { numRuns: runs(30), ...report },
    );
  });

  test('is what the rule says after every change of the admission, and after any ending', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        let admission = drawAdmission(history, dice, { withCutOffs: true });
        await using rig = await openRig(history, dice, admission);
        let earlier = rig.keepState();
        await deliver(rig, history, dice, async () => {
          if (dice.oneIn(4)) earlier = rig.keepState();
          if (dice.oneIn(3)) {
            admission = drawAdmission(history, dice, { withCutOffs: dice.oneIn(2) });
            await rig.setAdmission(admission);
          }
          if (dice.oneIn(4))
            await rig.reopen(dice.pick<Ending>(['closed', 'killed', 'crashed', 'state-lost', earlier]));
          await assertInLine(rig, history, admission);
        });
      }),
      { numRuns: runs(30), ...report },
    );
  });

  test('is so too where the store itself says it, and what does not count is given to the machine', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        let admission = drawAdmission(history, dice, { withCutOffs: true });
        await using rig = await openRig(history, dice, 'none');
        await rig.setAdmission(admission);
        let earlier = rig.keepState();
        await deliver(rig, history, dice, async () => {
          if (dice.oneIn(4)) earlier = rig.keepState();
          if (dice.oneIn(2)) {
            if (dice.oneIn(2)) admission = drawAdmission(history, dice, { withCutOffs: dice.oneIn(2) });
            await rig.setAdmission(admission);
          }
          if (dice.oneIn(4)) {
            await rig.reopen(dice.pick<Ending>(['closed', 'killed', 'crashed', 'state-lost', earlier]));
            await rig.setAdmission(admission);
          }
          assertKeepsWhatItShould(rig.replica, history, admission);
        });
        const all = expectedTrace(operationsOf(history.entries, traceMachine, false));
        assert.deepEqual(viewTrace(rig.replica), all);
      }),
      { numRuns: runs(30), ...report },
    );
  });

  test('is the same on two replicas exactly when their digests are', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
        const digests = new Map<string, string>();
        for (let i = 0; i < 3; i++) {
          await using rig = await openRig(history, dice, drawAdmission(history, dice, { withCutOffs: true }));
          const bundles = bundlesOf(causalOrder(new Set(history.entries), dice), dice);
          for (const bundle of bundles.slice(0, dice.below(bundles.length + 1))) await rig.receive(bundle);
          const kept = rig.replica
            .tips()
            .map(({ hash }) => hash.join())
            .sort()
            .join(' ');
          const digest = rig.replica.digest().join();
          assert.equal(digests.get(kept) ?? digest, digest);
          assert.ok([...digests].every(([otherKept, other]) => other !== digest || otherKept === kept));
          digests.set(kept, digest);
        }
      }),
      { numRuns: runs(20), ...report },
    );
  });
});

function openRig({ genesis }: History, dice: Dice, admission: Admission | 'none'): Promise<ReplicaRig> {
  const time = new VirtualTime();
  return ReplicaRig.open({
    genesis,
    machine: traceMachine,
    admission,
    projectUncounted: admission === 'none',
    time,
    timers: dice.oneIn(2) ? hastyTimers(time) : time,
    checkpointPolicy: { entries: 1 + dice.below(9), bytes: 1_000, copiedPerWritten: 3 },
  });
}

async function assertInLine({ replica }: ReplicaRig, history: History, admission: Admission): Promise<void> {
  await replica.settled();
  const counted = assertKeepsWhatItShould(replica, history, admission);
  assert.deepEqual(
    viewTrace(replica),
    expectedTrace(operationsOf(counted, traceMachine)),
    'what the machine shows',
  );
}
