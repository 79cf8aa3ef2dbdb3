import { resolve } from 'node:path';
import type { NodeBackupReport } from '@lattice/api';
import { counted, LatticeError, silentLogger, sizeText } from '@lattice/model';
import { exitStatuses } from '../exit-statuses.js';
import { timeText, shortId } from '../output/columns.js';
import { quoted } from '../output/printable.js';
import { Progress, type Unit } from '../output/progress.js';
import { directoryOptions } from '../session.js';
import { command } from './command.js';
import type { CommandContext } from './command-context.js';

const bytesUnit: Unit = ['byte', 'bytes'];
const storesUnit: Unit = ['store', 'stores'];

export const backupCommands = [
  command({
    path: 'backup',
    group: 'Node',
    summary: 'Copy this node, as it is now, to a folder',
    details:
      'The node goes on meanwhile; all that was written before is in the copy. It holds the private key: whoever has it can be this node, so it is ' +
      'to be kept as safely. What is computed from the histories is left out. The folder is on the machine where the node runs, must ' +
      'be empty or not there yet, and is a backup only once the command is done: one that was cut off is refused by `restore`. ' +
      'Where a log is damaged on disk, so is the copy: that is said, and the command ends with 1.',
    args: [{ name: 'folder', summary: 'Where to; best on another disk', completes: 'directory' }],
    examples: [{ line: 'backup /mnt/usb/lattice-monday', says: 'also while a daemon runs' }],
    json: '{folder, stores, bytes, damaged: [{storeId, places}], ms}',
    run: async ({ args }, context) => {
      const { node, output, surroundings, signal } = context;
      const target = resolve(surroundings.cwd, args.folder);
      const beganMs = surroundings.monotonicMs();
      const report = await node()
        .then((client) => finished(client.nodeBackup({ target }, { signal }), context))
        .catch((error: unknown) => {
          throw signal.aborted ? cancelled(error) : error;
        });
      const { stores, bytes } = report;
      const damaged = report.damaged.map(({ storeId, places }) => ({ storeId, places: Number(places) }));
      const ms = Math.round(surroundings.monotonicMs() - beganMs);
      await output.result({
        json: { folder: target, stores, bytes: Number(bytes), damaged, ms },
        text: [
          `Backed up ${counted(stores, ...storesUnit)}, ${sizeText(bytes)}, to ${quoted(target)}.`,
          "It holds this node's private key: keep it where nobody else can read it.",
          ...damaged.map(damagedText),
        ].join('\n'),
      });
      return damaged.length > 0 ? exitStatuses.refused : exitStatuses.done;
    },
  }),

  command({
    path: 'restore',
    group: 'Node',
    summary: 'Make a data directory of a backup',
    details:
      'Into the one that --data-dir names, which must be empty or not there yet. Everything is verified as it is copied. ' +
      'The node that starts there is the one that was backed up, as it was then. If that one still runs, stop it for good: two nodes ' +
      'that write with one key fork its history, which all members keep and are shown. What it wrote after the backup comes back ' +
      'from its peers: sync before writing, else that is a fork, too. If both are to live on, run `node rotate` there first.',
    args: [{ name: 'backup', summary: 'The folder that `backup` made', completes: 'directory' }],
    examples: [
      { line: '--data-dir ~/restored restore /mnt/usb/lattice-monday', says: 'then use that --data-dir' },
    ],
    json: '{nodeId, backedUpAt, dataDir, stores, bytes, ms}',
    run: async ({ args }, context) => {
      const { output, surroundings, signal, global } = context;
      const { restore } = await import('@lattice/daemon');
      const directory = await surroundings.openDirectory(directoryOptions(global, silentLogger));
      const progress = new Progress(output.stderr, surroundings.monotonicMs);
      const beganMs = surroundings.monotonicMs();
      const restored = await restore(directory, resolve(surroundings.cwd, args.backup), {
        signal,
        onProgress: ({ bytes }) => progress.update('copied', bytes, bytesUnit),
      })
        .catch((error: unknown) => {
          throw signal.aborted ? cancelled(error) : error;
        })
        .finally(() => progress.end());
      const { nodeId, createdMs, stores, bytes } = restored;
      const backedUpAt = timeText(createdMs);
      const ms = Math.round(surroundings.monotonicMs() - beganMs);
      await output.result({
        json: { nodeId, backedUpAt, dataDir: directory.path, stores, bytes, ms },
        text: [
          `Restored node ${shortId(nodeId)} as it was at ${backedUpAt}: ${counted(stores, ...storesUnit)} in ${quoted(directory.path)}.`,
          'If the node that was backed up still runs, stop it for good, or run `node rotate` here: two that write with one key fork its history.',
          'What it wrote since comes back from its peers: run `store sync` before writing.',
        ].join('\n'),
      });
    },
  }),
];

function damagedText({ storeId, places }: { readonly storeId: string; readonly places: number }): string {
  return (
    `The log of the store ${shortId(storeId)} is damaged on disk in ${counted(places, 'place')}, and so in the copy. ` +
    'A connected member that has what was lost brings it back by itself (see `store status`): then back up anew.'
  );
}

/** Neither leaves a part. */
function cancelled(cause: unknown): LatticeError {
  return new LatticeError('aborted', 'Cancelled: what was copied until then is removed.', { cause });
}

type BackupEvent =
  | { readonly case: 'progress'; readonly value: { readonly bytes: bigint } }
  | { readonly case: 'report'; readonly value: NodeBackupReport }
  | { readonly case: undefined; readonly value?: undefined };

async function finished(
  events: AsyncIterable<{ readonly event: BackupEvent }>,
  { output, surroundings }: CommandContext,
): Promise<NodeBackupReport> {
  const progress = new Progress(output.stderr, surroundings.monotonicMs);
  try {
    for await (const { event } of events) {
      if (event.case === 'report') return event.value;
      if (event.case === 'progress') progress.update('copied', Number(event.value.bytes), bytesUnit);
    }
  } finally {
    progress.end();
  }
  throw new LatticeError(
    'daemon-gone',
    'The node ended before its backup was whole: remove what is there of it, then run the command again.',
  );
}
