import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleOf, everybody, ReplicaRig } from '@lattice/testkit';
import { allBut } from './support/admissions.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, viewTrace } from './support/trace.js';

const [ann, ben] = [1, 2];

for (const [what, change] of [
  ['a recount', async (rig: ReplicaRig) => rig.setAdmission(allBut(0, ben))],
  ['a rebuild', async (rig: ReplicaRig) => void (await rig.replica.rebuild())],
] as const)
  test(`${what} that a crash cuts off, wherever that is, leaves no other state behind`, async () => {
    let isDone = false;
    for (let nth = 1; !isDone; nth++) {
      await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
      const story = new Story();
      for (const author of [ann, ben, ann]) await rig.receive(bundleOf([story.tell(author)]));
      killAtCommit(rig, nth);
      isDone = await change(rig).then(
        () => true,
        () => false,
      );
      Reflect.deleteProperty(rig.stored.state, 'commit');
      await rig.reopen('killed');
      const states = [...rig.stored.state.tables.keys()].filter((name) => name.startsWith('state-'));
      assert.equal(states.length, 1, `killed at commit ${nth}: ${states.join()}`);
      await rig.setAdmission(everybody);
      assert.equal(viewTrace(rig.replica).length, 3);
      assert.ok(nth < 50, 'it comes to an end');
    }
  });

/** The process ends right after its nth transaction from now on. */
function killAtCommit(rig: ReplicaRig, nth: number): void {
  let left = nth;
  rig.stored.state.commit = () => {
    if (--left === 0) queueMicrotask(() => rig.disk.kill());
  };
}
