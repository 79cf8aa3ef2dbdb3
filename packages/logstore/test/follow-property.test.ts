import { test } from 'node:test';
import { encodeLogOps, logHandle, logMachine, type LogOp } from '@lattice/logstore';
import { type Admission, type Hlc, idKey } from '@lattice/model';
import {
  deliver,
  Dice,
  everybody,
  hastyTimers,
  historyBeginsMs,
  historyKey,
  type HistoryScript,
  historyScripts,
  playHistory,
  ReplicaRig,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { logOperation } from './model.js';
import { LogFollower } from './support/follower.js';

const numRuns = process.env['LATTICE_LONG'] === '1' ? 5_000 : 60;
const history = {
  operation: logOperation,
  encode: encodeLogOps,
  type: logMachine.type,
  version: logMachine.version,
};
const seeds = fc.integer({ min: 0, max: 0xffff_ffff });

test('a follower that pauses, leaves and comes back, over restarts and rebuilds, has told each item once', async () => {
  await fc.assert(
    fc.asyncProperty(historyScripts(history), seeds, async (script, seed) => {
      await followWhileAllHappens(script, new Dice(seed));
    }),
    { numRuns },
  );
});

async function followWhileAllHappens(script: HistoryScript<LogOp>, dice: Dice): Promise<void> {
  const story = playHistory(script, history);
  const time = new VirtualTime({ nowMs: historyBeginsMs });
  await using rig = await ReplicaRig.open({
    genesis: story.genesis,
    machine: logMachine,
    key: historyKey(script.family, 2_000),
    time,
    timers: dice.oneIn(2) ? hastyTimers(time) : time,
  });
  const follower = new LogFollower(rig);
  await follower.pull();
  let keptState: (() => void) | undefined;

  const happenings: readonly (() => Promise<void> | void)[] = [
    () => undefined,
    async () => {
      for (let pulls = 1 + dice.below(4); pulls > 0; pulls--) await follower.pull();
    },
    () => follower.leave(),
    async () => void (await logHandle(rig.replica).append(Uint8Array.of(dice.below(256)))),
    async () => {
      follower.leave();
      if (dice.oneIn(3)) keptState = rig.keepState();
      const restored = dice.oneIn(3) ? keptState : undefined;
      await rig.reopen(restored ?? dice.pick(['closed', 'killed', 'state-lost']));
    },
    () => rig.setAdmission(dice.pick([everybody, allBut(script.family, dice.below(4))])),
  ];
  await deliver(rig, story, dice, async () => dice.pick(happenings)());
  await follower.readAll();
  follower.assertKnowsAll();
}

/** Lets everybody of the family count but one. */
function allBut(family: number, author: number): Admission {
  const left = idKey(historyKey(family, author).nodeId);
  return {
    ...everybody,
    rule: (one) => (idKey(one) === left ? undefined : { spans: [{ after: -1n as Hlc }], cutOffs: [] }),
  };
}
