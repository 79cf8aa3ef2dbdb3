import { checkJson, rebuildJson, rebuildOptions, runCheck, runRebuild } from './care.js';
import { command } from './command.js';

export const storeCheckCommands = [
  command({
    path: 'store check',
    group: 'Stores',
    summary: 'Verify the store from end to end',
    details:
      'Every checksum, hash, chain link and signature of the log is verified, and a second state is computed from it and compared ' +
      'with the one in use. The node goes on serving meanwhile, and nothing is changed. Ends with 1 where something is wrong.',
    examples: [{ line: 'store check', says: 'of the selected store' }],
    json: checkJson,
    run: (_input, context) => runCheck('store', context),
  }),

  command({
    path: 'store rebuild',
    group: 'Stores',
    summary: 'Compute the state of the store anew from its log',
    details:
      'For what `store check` found wrong with index or state. The old state serves until the new one takes its place in one ' +
      'step; writes wait while it is put there. The log is only read. Where that has lost ' +
      'entries which the old state still shows, it refuses: with --force the new state lacks them until a member brings them, ' +
      'and this node does not write until then. Where no member has them, --accept-loss goes on for good without them. What ' +
      'this node wrote that follows them is issued again, behind its last entry that is whole: a fork, where another has what is ' +
      'lost here. What others wrote that follows them stays in the log, and comes back should they ever be found.',
    options: rebuildOptions,
    examples: [{ line: 'store rebuild', says: 'of the selected store' }],
    json: rebuildJson,
    run: ({ options }, context) => runRebuild('store', options, context),
  }),
];
