import { test } from 'node:test';
import { encodeKvOps, kvHandle, kvMachine } from '@lattice/kvstore';
import { type Admission, type Hlc, idKey, utf8 } from '@lattice/model';
import {
  deliver,
  Dice,
  everybody,
  hastyTimers,
  type HistoryScript,
  historyKey,
  historyScripts,
  playHistory,
  ReplicaRig,
  VirtualTime,
  historyBeginsMs,
} from '@lattice/testkit';
import fc from 'fast-check';
import type { KvOp } from '@lattice/kvstore';
import { kvOperation } from './model.js';
import { Watcher } from './support/watcher.js';

const numRuns = process.env['LATTICE_LONG'] === '1' ? 5_000 : 60;
const history = {
  operation: kvOperation,
  encode: encodeKvOps,
  type: kvMachine.type,
  version: kvMachine.version,
};
const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

test('a watcher that pauses, leaves and comes back, over restarts and rebuilds, ends up with what the store has', async () => {
  await fc.assert(
    fc.asyncProperty(historyScripts(history), seeds, async (script, seed) => {
      await watchWhileAllHappens(script, new Dice(seed));
    }),
    { numRuns },
  );
});

async function watchWhileAllHappens(script: HistoryScript<KvOp>, dice: Dice): Promise<void> {
  const story = playHistory(script, history);
  const time = new VirtualTime({ nowMs: historyBeginsMs });
  const own = historyKey(script.family, 2_000);
  await using rig = await ReplicaRig.open({
    genesis: story.genesis,
    machine: kvMachine,
    key: own,
    time,
    timers: dice.oneIn(2) ? hastyTimers(time) : time,
  });
  const watcher = new Watcher(rig, utf8(dice.pick(['', 'a'])));
  await watcher.pull();
  let keptState: (() => void) | undefined;

  const happenings: readonly (() => Promise<void> | void)[] = [
    () => undefined,
    async () => void (await watcher.pull()),
    async () => {
      for (let pulls = dice.below(4); pulls > 0; pulls--) await watcher.pull();
    },
    () => watcher.leave(),
    async () => {
      const [key] = fc.sample(kvOperation, { numRuns: 1, seed: dice.below(1_000_000) });
      if (key) await kvHandle(rig.replica).batch([key]);
    },
    async () => {
      watcher.leave();
      if (dice.oneIn(3)) keptState = rig.keepState();
      const restored = dice.oneIn(3) ? keptState : undefined;
      await rig.reopen(restored ?? dice.pick(['closed', 'killed', 'state-lost']));
    },
    () => rig.setAdmission(dice.pick([everybody, allBut(script.family, dice.below(4))])),
  ];
  await deliver(rig, story, dice, async () => dice.pick(happenings)());
  await watcher.readAll();
  watcher.assertKnowsAll();
}

/** Lets everybody of the family count but one. */
function allBut(family: number, author: number): Admission {
  const left = idKey(historyKey(family, author).nodeId);
  return {
    ...everybody,
    rule: (one) => (idKey(one) === left ? undefined : { spans: [{ after: -1n as Hlc }], cutOffs: [] }),
  };
}
