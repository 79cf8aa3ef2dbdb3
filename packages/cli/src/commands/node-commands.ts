import { columns, counted, shortId } from '../output/columns.js';
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
    run: async ({ args }, { node, output }) => {
      const client = await node();
      const { meshes } = await client.nodeSetName({ name: args.name });
      await output.result({
        json: { name: args.name, meshes },
        text: `This node is called ${quoted(args.name)} now${meshes === 0 ? '' : `, in ${counted(meshes, 'mesh', 'meshes')}`}.`,
      });
    },
  }),
];

function selectionText(meshId: string, storeId: string): string {
  if (meshId === '') return 'no mesh';
  return `mesh ${shortId(meshId)}, ${storeId === '' ? 'no store' : `store ${shortId(storeId)}`}`;
}
