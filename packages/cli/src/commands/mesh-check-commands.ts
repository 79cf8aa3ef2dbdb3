import { checkJson, rebuildJson, rebuildOptions, runCheck, runRebuild } from './care.js';
import { command } from './command.js';

export const meshCheckCommands = [
  command({
    path: 'mesh check',
    group: 'Meshes',
    summary: "Verify the mesh's own store from end to end",
    details:
      'That store says who is a member, and which stores there are. It is verified as `store check` verifies another one, and ' +
      'nothing is changed. Ends with 1 where something is wrong.',
    examples: [{ line: 'mesh check', says: 'of the selected mesh' }],
    json: checkJson,
    run: (_input, context) => runCheck('mesh', context),
  }),

  command({
    path: 'mesh rebuild',
    group: 'Meshes',
    summary: "Compute the state of the mesh's own store anew",
    details:
      "For what `mesh check` found wrong, and for damage to the log of the mesh's own store, as `store rebuild` is for that of " +
      'another one. With --accept-loss members and stores are those that are spoken of without what was lost. What this node did ' +
      'since (invites, admissions, stores, names) is issued again, and reaches everybody; what others did that goes on from what ' +
      'was lost stays out.',
    options: rebuildOptions,
    examples: [
      { line: 'mesh rebuild', says: 'of the selected mesh' },
      { line: 'mesh rebuild --accept-loss', says: 'where no member has what was lost' },
    ],
    json: rebuildJson,
    run: ({ options }, context) => runRebuild('mesh', options, context),
  }),
];
