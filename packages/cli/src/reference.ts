import { inGroups } from './commands/help-text.js';
import { commands } from './commands/table.js';
import { exitStatusMeanings } from './exit-statuses.js';
import { usageOf } from './line/find-command.js';
import { globalOptions, questionOptions } from './line/global-options.js';
import { version } from './version.js';

/** Variables beside those of the options. */
const variables: readonly (readonly [name: string, meaning: string])[] = [
  ['NO_COLOR', 'Set to anything, it turns colours off (https://no-color.org)'],
  ['TERM', 'With "dumb" there are no colours either'],
  ['XDG_DATA_HOME', 'The data directory is "lattice" in it; else in ~/.local/share'],
  ['XDG_RUNTIME_DIR', 'Where the socket lies when the data directory has too long a path for one'],
];

/** In the data directory. */
const files: readonly (readonly [path: string, meaning: string])[] = [
  ['identity.key', "The node's private key; two machines must never use the same one"],
  ['place', 'Where this directory is, so that a copy of it is noticed'],
  ['stores/<uuid>/logs/', 'The history of a store: the truth'],
  ['stores/<uuid>/state.db', 'Computed from it; can be deleted while nothing runs, and is rebuilt'],
  ['stores/<uuid>/state.checkpoint', 'A copy of it, for after a crash of the machine; as large at most'],
  ['meta.db', 'Addresses of peers, the selection: hints'],
];

/** All that manuals tell, from where the program has it, too. */
export const reference = {
  version,
  groups: inGroups(commands).map(([name, ones]) => ({
    name,
    commands: ones.map((one) => ({ ...one, name: one.path.join(' '), usage: usageOf(one) })),
  })),
  globalOptions,
  questionOptions,
  exitStatuses: exitStatusMeanings,
  variables,
  files,
};
