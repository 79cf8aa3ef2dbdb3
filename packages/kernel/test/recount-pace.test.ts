import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Timers } from '@lattice/model';
import { bundleOf, historyBeginsMs, type HistoryEntry, ReplicaRig, VirtualTime } from '@lattice/testkit';
import { genesis, Story } from './support/story.js';
import { traceMachine } from './support/trace.js';

const [ann, count] = [1, 100];
const hour = 3_600_000;

/** Time passes only while operations are applied, a millisecond each. */
class ApplyingTakesTime {
  readonly time = new VirtualTime({ nowMs: historyBeginsMs + 2 * hour });
  readonly timers: Timers = {
    monotonicMs: () => this.time.monotonicMs() + this.applied,
    after: (delayMs, task) => this.time.after(delayMs, task),
    yield: () => this.time.yield(),
  };
  readonly machine: typeof traceMachine = {
    ...traceMachine,
    apply: (_op, { dot }, state) => {
      this.applied++;
      state.put(dot.entry, new Uint8Array(1));
    },
  };
  applied = 0;
}

test('a member who writes one entry after the other in place of earlier ones takes a tenth of the time with that, and in the end all is in line', async () => {
  const [slow, story] = [new ApplyingTakesTime(), new Story()];
  const { time, timers, machine } = slow;
  await using rig = await ReplicaRig.open({ genesis, machine, time, timers });
  const originals = Array.from({ length: count }, (_, i) => story.tell(ann, { atMs: hour + i }));
  for (const original of originals) await rig.receive(bundleOf([original]));
  assert.equal(slow.applied, count);

  let again: HistoryEntry | 'genesis' = 'genesis';
  const began = slow.applied;
  for (const [i, instead] of originals.entries()) {
    again = story.tell(ann, { after: again, atMs: i + 2, instead });
    await rig.receive(bundleOf([again]));
  }
  const [once, all] = [count, slow.applied - began];
  assert.ok(
    all <= count + 2 * once,
    `${all} operations were applied, as if there had been no more than one recount`,
  );
  assert.ok(inEffect(rig) > count, 'what came after the first has not taken its place yet');

  await time.advance(20 * count);
  assert.equal(inEffect(rig), count, 'nobody had to ask for it');
  assert.equal(time.timersSet, 0);
});

test('whoever looks closely at a store, or closes it, does not wait for the end of a pause', async () => {
  const [slow, story] = [new ApplyingTakesTime(), new Story()];
  const { time, timers, machine } = slow;
  await using rig = await ReplicaRig.open({ genesis, machine, time, timers });
  const originals = [1, 2].map((i) => story.tell(ann, { atMs: hour + i }));
  await rig.receive(bundleOf(originals));
  let again: HistoryEntry | 'genesis' = 'genesis';
  for (const instead of originals) {
    again = story.tell(ann, { after: again, atMs: 2, instead });
    await rig.receive(bundleOf([again]));
  }
  assert.equal(inEffect(rig), 3);
  await rig.replica.settled();
  assert.equal(inEffect(rig), 2);
  await rig.replica[Symbol.asyncDispose]();
  assert.equal(time.timersSet, 0);
});

function inEffect({ replica }: ReplicaRig): number {
  return [...replica.state.range()].length;
}
