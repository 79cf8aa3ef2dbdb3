import { columns, shortId } from '../output/columns.js';
import { command } from './command.js';

export const nodeCommands = [
  command({
    path: 'node status',
    group: 'Node',
    summary: 'Show this node: its id, where it can be reached, where its data lies',
    examples: [
      { line: 'node status', says: 'who am I' },
      { line: 'node status --json', says: 'the same for a program' },
    ],
    json: '{nodeId, addresses, relay, dataDir, version, warnings}',
    run: async (_input, { node, output }) => {
      const client = await node();
      const { nodeId, addresses, relay, dataDir, version, warnings, ...selected } = await client.nodeStatus(
        {},
      );
      const rows = [
        ['node', nodeId],
        ['addresses', addresses.length > 0 ? addresses.join(', ') : 'none: its network is not running'],
        ['relay', relay],
        ['data', dataDir],
        ['version', version],
        ['selected', selectionText(selected.selectedMeshId, selected.selectedStoreId)],
      ];
      await output.result({
        json: { nodeId, addresses, relay, dataDir, version, warnings },
        text: [columns(rows), ...warnings.map((warning) => `warning: ${warning}`)].join('\n'),
      });
    },
  }),
];

function selectionText(meshId: string, storeId: string): string {
  if (meshId === '') return 'no mesh';
  return `mesh ${shortId(meshId)}, ${storeId === '' ? 'no store' : `store ${shortId(storeId)}`}`;
}
