import { counted } from '@lattice/model';
import { called } from '../output/called.js';
import { columns } from '../output/columns.js';
import { nameText } from '../output/printable.js';
import { command } from './command.js';
import { acceptedLossJson, acceptedLossText } from './store-waiting.js';

export const meshCommands = [
  command({
    path: 'mesh create',
    group: 'Meshes',
    summary: 'Make a mesh and its first store; select both',
    details: 'The store is a key-value store called "main". The name is for people, and need not be unique.',
    args: [{ name: 'name', summary: 'What people call it', optional: true }],
    examples: [{ line: 'mesh create family', says: 'a mesh called family' }],
    json: '{meshId, name, storeId}',
    beginsNode: true,
    changesSelection: true,
    run: async ({ args }, { node, output }) => {
      const client = await node();
      const { meshId, name, storeId } = await client.meshCreate({ name: args.name ?? '' });
      await output.result({
        json: { meshId, name, storeId },
        text: `Made ${meshText(meshId, name)} with the store main. Let others in with \`mesh invite\`.`,
      });
    },
  }),

  command({
    path: 'mesh list',
    group: 'Meshes',
    summary: 'List the meshes that this node is in',
    examples: [{ line: 'mesh list', says: 'the selected one is marked with *' }],
    json: '[{meshId, name, members, stores, current}], this node being one of the members',
    run: async (_input, { node, output }) => {
      const client = await node();
      const { meshes } = await client.meshList({});
      const rows = meshes.map(({ meshId, name, members, stores, current }) => [
        current ? '*' : ' ',
        meshId,
        nameText(name),
        counted(members, 'member'),
        counted(stores, 'store'),
      ]);
      await output.result({
        json: meshes.map(({ meshId, name, members, stores, current }) => ({
          meshId,
          name,
          members,
          stores,
          current,
        })),
        text:
          rows.length > 0
            ? output.table(rows)
            : 'No mesh yet: `mesh create` makes one, `mesh join <token>` joins one.',
      });
    },
  }),

  command({
    path: 'mesh use',
    group: 'Meshes',
    summary: 'Select a mesh; the selection is kept',
    args: [{ name: 'id', summary: 'Any unambiguous prefix of its id, or its name', completes: 'mesh' }],
    examples: [{ line: 'mesh use 060e', says: 'the mesh whose id begins so' }],
    json: '{meshId, name, storeId}',
    changesSelection: true,
    run: async ({ args }, { node, output }) => {
      const client = await node();
      const { meshId, name, storeId } = await client.meshUse({ mesh: args.id });
      const store =
        storeId === '' ? 'Select one of its stores with `store use`.' : 'Its store main is selected too.';
      await output.result({
        json: { meshId, name, storeId: storeId === '' ? null : storeId },
        text: `Selected ${meshText(meshId, name)}. ${store}`,
      });
    },
  }),

  command({
    path: 'mesh status',
    group: 'Meshes',
    summary: 'Show members, stores and how many are connected',
    examples: [{ line: 'mesh status', says: 'of the selected mesh' }],
    json: '{meshId, name, members, online, stores, digest, damagedPlaces, acceptedLosses: [{at, places, lost, givenUp}]}',
    run: async (_input, { node, output, target }) => {
      const client = await node();
      const status = await client.meshStatus({ mesh: target.mesh });
      const { meshId, name, members, online, stores, digest, damagedPlaces } = status;
      const acceptedLosses = status.acceptedLosses.map(acceptedLossJson);
      const table = columns([
        ['mesh', meshId],
        ['name', nameText(name)],
        ['members', `${members}, of the others ${online} connected`],
        ['stores', String(stores)],
        ['digest', digest],
      ]);
      await output.result({
        json: {
          meshId,
          name,
          members,
          online,
          stores,
          digest,
          damagedPlaces: Number(damagedPlaces),
          acceptedLosses,
        },
        text: [table, ...status.acceptedLosses.map(acceptedLossText)].join('\n'),
      });
    },
  }),
];

function meshText(meshId: string, name: string): string {
  return `the mesh ${called(meshId, name)}`;
}
