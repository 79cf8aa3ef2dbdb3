import { gatherStatus } from '../status/gather.js';
import { statusDocument } from '../status/document.js';
import { statusScreen } from '../status/screen.js';
import { verdictOf } from '../status/verdict.js';
import { command } from './command.js';

export const statusCommand = command({
  path: 'status',
  group: 'Node',
  summary: 'Show whether your data is safe, and in sync',
  details:
    'Members tell each other what they hold; of one that is away, it is what it said last. What it lacks is counted in ' +
    'entries, and is at least that. Nothing is sent, and no network started: where no daemon or shell runs, it shows ' +
    'what was known when one last did. The exit status is 0 whatever the verdict; with --check it is 1 unless all ' +
    'members have all. Verdicts: in-sync, offline (this node itself), syncing, not-in-sync, only-here, alone, former (a member no more), damaged (this disk; the text goes on with the rest), no-mesh.',
  options: [{ name: 'check', summary: 'Exit status 1 unless everything is in sync: for monitoring' }],
  examples: [
    { line: 'status', says: 'is my data safe, and are we in sync?' },
    { line: 'status --mesh family', says: 'of one mesh' },
    { line: 'status --check --json', says: 'for a program that watches over it' },
  ],
  json:
    '{verdict: {state, text}, node: {nodeId, name, online, addresses, relay, dataDir, version}, meshes: [{meshId, name, ' +
    'current, verdict, peers: [as `mesh peers`], stores: [{storeId, name, type, current, entries, conflicts, pending, ' +
    'missing: [{author, seq, waiting, sender}], held, heldAuthors: [{author, entries, aheadMs}], forks: [{author, ' +
    'branches}], damagedPlaces, warnings}]}], warnings}',
  printsWarnings: true,
  run: async ({ options }, { node, output, surroundings, target }) => {
    const report = await gatherStatus(await node(), { mesh: target.mesh, nowMs: surroundings.nowMs() });
    const { paint, stdout } = output;
    await output.result({
      json: statusDocument(report),
      text: statusScreen(report, { paint, width: stdout.columns }),
    });
    return options.check === true && verdictOf(report).state !== 'in-sync' ? 1 : 0;
  },
});
