import type { ClockRepairedStore } from '@lattice/api';
import { counted } from '@lattice/model';
import { exitStatuses } from '../exit-statuses.js';
import { columns, shortId } from '../output/columns.js';
import { harmless, nameText, quoted } from '../output/printable.js';
import { command } from './command.js';

export const nodeCommands = [
  command({
    path: 'node status',
    group: 'Node',
    summary: 'Show this node: its id, addresses and data',
    examples: [
      { line: 'node status', says: 'who am I' },
      { line: 'node status --json', says: 'the same for a program' },
    ],
    json: '{nodeId, name, addresses, relay, dataDir, version, warnings}',
    printsWarnings: true,
    run: async (_input, { node, output }) => {
      const client = await node();
      const status = await client.nodeStatus({});
      const { nodeId, name, addresses, relay, dataDir, version, warnings, ...selected } = status;
      const rows = [
        ['node', nodeId],
        ['name', nameText(name)],
        ['addresses', addresses.length > 0 ? addresses.join(', ') : 'none: its network is not running'],
        ['relay', relay],
        ['data', dataDir],
        ['version', version],
        ['selected', selectionText(selected.selectedMeshId, selected.selectedStoreId)],
      ];
      await output.result({
        json: { nodeId, name, addresses, relay, dataDir, version, warnings },
        text: [columns(rows), ...warnings.map((warning) => `warning: ${harmless(warning)}`)].join('\n'),
      });
    },
  }),

  command({
    path: 'node set-name',
    group: 'Node',
    summary: 'Name this node, in all its meshes',
    details:
      'Meshes that it joins later hear the name, too. Until somebody names it, it is called as its machine is.',
    args: [{ name: 'name', summary: 'What others see: 1 to 64 bytes of text' }],
    examples: [{ line: 'node set-name desk', says: 'others see "desk" in `mesh peers`' }],
    json: '{name, meshes}',
    beginsNode: true,
    run: async ({ args }, { node, output }) => {
      const client = await node();
      const { meshes } = await client.nodeSetName({ name: args.name });
      await output.result({
        json: { name: args.name, meshes },
        text: `This node is called ${quoted(args.name)} now${meshes === 0 ? '' : `, in ${counted(meshes, 'mesh', 'meshes')}`}.`,
      });
    },
  }),

  command({
    path: 'node repair-clock',
    group: 'Node',
    summary: 'Issue again what the clock dated too far ahead',
    details:
      'For a machine whose clock was ahead and is right now: others do not take entries that are dated more than five minutes ' +
      'in the future before that time has come. This node goes on from its last entry that is not, and issues those again, in ' +
      'order: each operation takes effect once, everywhere. The originals stay in the history, marked. ' +
      'Entries of a mesh itself (invites, admissions, names, new stores) are not issued again: they stay here, and take effect ' +
      'elsewhere when their time comes. What cannot wait is to be done again.',
    examples: [{ line: 'node repair-clock', says: 'after the clock was set, as `status` says' }],
    json: '{stores: [{storeId, where, reissued, left, failure}]}',
    run: async (_input, { node, output }) => {
      const client = await node();
      const { stores } = await client.nodeRepairClock({});
      await output.result({
        json: {
          stores: stores.map(({ storeId, where, reissued, left, failure }) => ({
            storeId,
            where,
            reissued: Number(reissued),
            left: Number(left),
            failure: failure ?? null,
          })),
        },
        text:
          stores.length === 0
            ? "Nothing to repair: none of this node's entries is dated too far in the future."
            : stores.map(repairedText).join('\n'),
      });
      return stores.some(({ failure }) => failure !== undefined) ? exitStatuses.refused : exitStatuses.done;
    },
  }),
];

function repairedText({ where, reissued, left, failure }: ClockRepairedStore): string {
  if (failure !== undefined) return `In ${harmless(where)}: ${harmless(failure)}`;
  return left > 0n
    ? `In ${harmless(where)}, ${counted(Number(left), 'entry stays', 'entries stay')} as dated, and take effect elsewhere when that time comes; new ones no longer wait for them.`
    : `In ${harmless(where)}, ${counted(Number(reissued), 'entry was', 'entries were')} issued again.`;
}

function selectionText(meshId: string, storeId: string): string {
  if (meshId === '') return 'no mesh';
  return `mesh ${shortId(meshId)}, ${storeId === '' ? 'no store' : `store ${shortId(storeId)}`}`;
}
