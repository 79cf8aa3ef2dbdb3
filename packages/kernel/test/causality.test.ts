import { describe, test } from 'node:test';
import {
  bundlesOf,
  causalOrder,
  checkAgainstHistory,
  Dice,
  endOfTimeMs,
  historyScripts,
  playHistory,
  ReplicaRig,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { runs } from './support/runs.js';
import { blindMachine } from './support/trace.js';
import { seeds, traceHistory } from './support/trace-history.js';

const large = { ...traceHistory, authors: 12, entriesMax: 160 };
/** Chains that are long enough to be read in several parts. */
const long = { ...traceHistory, authors: 3, entriesMax: 240 };

describe('what an entry sees', () => {
  for (const [name, options] of [
    ['of many authors', large],
    ['of long chains', long],
  ] as const) {
    test(`is its causal past, exactly, in large histories ${name} too, and after a rebuild`, async () => {
      await fc.assert(
        fc.asyncProperty(historyScripts(options), seeds, async (script, seed) => {
          const [history, dice] = [playHistory(script, options), new Dice(seed)];
          const time = new VirtualTime({ nowMs: endOfTimeMs });
          await using rig = await ReplicaRig.open({ genesis: history.genesis, machine: blindMachine, time });
          const order = causalOrder(new Set(history.entries), dice);
          for (const bundle of bundlesOf(order, dice)) await rig.receive(bundle);
          checkAgainstHistory(rig.replica, history);
          await rig.reopen('state-lost');
          checkAgainstHistory(rig.replica, history);
        }),
        { numRuns: runs(6), includeErrorInReport: true },
      );
    });
  }
});
