import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bundleOf, historyKey, refOf, ReplicaRig } from '@lattice/testkit';
import { offsets } from './support/logged.js';
import { genesis, momentOf, Story } from './support/story.js';
import { traceMachine } from './support/trace.js';

const [ann, ben] = [1, 2];

describe('where more waits for a hole than memory has room for, what waits for another', () => {
  test('goes in once that is back, though nothing of the first is', async () => {
    await using rig = await openCrowded();
    assert.equal(rig.replica.status().pending, 39);
    assert.equal(hasLast(rig), false);
    await rig.receive(bundleOf([tell().back]));
    for (const ending of ['closed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.equal(hasLast(rig), true);
      assert.equal(rig.replica.status().pending, 38);
      assert.equal(rig.replica.status().damaged, true);
    }
  });

  test('is not let go of with what waits for the first, whose loss is accepted', async () => {
    await using rig = await openCrowded();
    await rig.receive(bundleOf([tell().back]));
    assert.equal((await rig.replica.rebuild({ acceptLoss: true })).givenUp, 38);
    for (const ending of ['closed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.equal(hasLast(rig), true);
      assert.equal(rig.replica.status().pending, 0);
    }
  });
});

/** a1 to a40, of a megabyte each from the third on; b1 and b2. */
function tell(): { readonly story: Story; readonly back: ReturnType<Story['tell']> } {
  const story = new Story();
  const key = historyKey(0, ann);
  const payload = new Uint8Array(1_000_000);
  let prev = story.tell(ann, { atMs: 1 });
  for (let i = 2; i <= 40; i++)
    prev = story.write({
      key,
      prev,
      deps: [],
      hlc: momentOf(i),
      payload: i === 2 ? new Uint8Array(0) : payload,
    });
  const back = story.tell(ben, { atMs: 50 });
  story.tell(ben, { atMs: 51 });
  return { story, back };
}

/** The log has lost a2 and b1, and there is no state. */
async function openCrowded(): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: traceMachine });
  for (const entry of tell().story.entries) await rig.receive(bundleOf([entry]));
  for (const at of [1, 40]) rig.stored.log.damage(offsets(rig)[at] ?? 0);
  await rig.reopen('state-lost');
  return rig;
}

function hasLast(rig: ReplicaRig): boolean {
  const last = tell().story.entries.at(-1);
  assert.ok(last);
  return rig.replica.find(refOf(last)) !== undefined;
}
