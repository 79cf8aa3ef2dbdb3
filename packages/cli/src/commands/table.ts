import { authorStateCommand } from './author-state-command.js';
import { backupCommands } from './backup-commands.js';
import type { Command } from './command.js';
import { completionCommand } from './completion-command.js';
import { daemonCommand } from './daemon-command.js';
import { exportCommand } from './export-command.js';
import { helpCommand } from './help-command.js';
import { historyCommand } from './history-command.js';
import { identityCommands } from './identity-commands.js';
import { importCommand } from './import-command.js';
import { appendCommand } from './append-command.js';
import { keyCommands } from './key-commands.js';
import { listCommand } from './list-command.js';
import { memberCommands } from './member-commands.js';
import { meshCheckCommands } from './mesh-check-commands.js';
import { meshCommands } from './mesh-commands.js';
import { nodeCommands } from './node-commands.js';
import { putCommand } from './put-command.js';
import { quitCommands } from './quit-command.js';
import { rotateCommand } from './rotate-command.js';
import { statusCommand } from './status-command.js';
import { storeCheckCommands } from './store-check-commands.js';
import { storeCommands } from './store-commands.js';
import { storeSyncCommand } from './store-sync-command.js';
import { tailCommand } from './tail-command.js';
import { watchCommand } from './watch-command.js';

/** Every command there is, in the order of `help`. */
export const commands: readonly Command[] = [
  statusCommand,
  ...nodeCommands,
  ...identityCommands,
  rotateCommand,
  ...backupCommands,
  daemonCommand,
  ...meshCommands,
  ...meshCheckCommands,
  ...memberCommands,
  ...storeCommands,
  storeSyncCommand,
  ...storeCheckCommands,
  authorStateCommand,
  putCommand,
  ...keyCommands,
  listCommand,
  historyCommand,
  watchCommand,
  importCommand,
  exportCommand,
  appendCommand,
  tailCommand,
  helpCommand(() => commands),
  completionCommand,
  ...quitCommands,
];
