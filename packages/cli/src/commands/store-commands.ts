import type { MeshStatusResponse, StoreInfo, StoreStatusResponse } from '@lattice/api';
import { counted, sizeText } from '@lattice/model';
import { called } from '../output/called.js';
import { columns, shortId } from '../output/columns.js';
import { harmless, nameText, quoted } from '../output/printable.js';
import { command } from './command.js';
import { confirmer, type Question } from './confirm.js';
import {
  acceptedLossJson,
  acceptedLossText,
  areAll,
  heldJson,
  heldText,
  missingJson,
  missingText,
} from './store-waiting.js';

export const storeCommands = [
  command({
    path: 'store create',
    group: 'Stores',
    summary: 'Add a store to the mesh; every member gets it',
    options: [
      {
        name: 'type',
        value: 'type',
        summary: 'Which kind of store: "kv", or "log"; "kv" if nothing is said',
        completes: ['kv', 'log'],
      },
      { name: 'name', value: 'name', summary: 'What people call it' },
    ],
    examples: [
      { line: 'store create --name notes', says: 'then: store use notes' },
      { line: 'store create --type log --name events', says: 'a log, for append and tail' },
    ],
    json: '{storeId, name, type, current}',
    changesSelection: true,
    run: async ({ options }, { node, output, target }) => {
      const client = await node();
      const { storeId, name, type, current } = await client.storeCreate({
        mesh: target.mesh,
        type: options.type ?? '',
        name: options.name ?? '',
      });
      const use = `store use ${name === '' ? shortId(storeId) : quoted(name)}`;
      const next = current ? 'It is selected.' : `Select it with \`${use}\`.`;
      await output.result({
        json: { storeId, name, type, current },
        text: `Made the ${type} store ${called(storeId, name)}. ${next}`,
      });
    },
  }),

  command({
    path: 'store use',
    group: 'Stores',
    summary: 'Select a store; the selection is kept',
    args: [{ name: 'id', summary: 'Any unambiguous prefix of its id, or its name', completes: 'store' }],
    examples: [{ line: 'store use notes', says: 'keys are now those of notes' }],
    json: '{storeId, name, meshId}',
    changesSelection: true,
    run: async ({ args }, { node, output, target }) => {
      const client = await node();
      const { storeId, name, meshId } = await client.storeUse({
        target: { mesh: target.mesh, store: args.id },
      });
      await output.result({
        json: { storeId, name, meshId },
        text: `Selected the store ${called(storeId, name)}.`,
      });
    },
  }),

  command({
    path: 'store list',
    group: 'Stores',
    summary: 'List the stores of the mesh',
    examples: [{ line: 'store list', says: 'the selected one is marked with *' }],
    json: '[{storeId, name, type, current}]',
    run: async (_input, { node, output, target }) => {
      const client = await node();
      const { stores } = await client.storeList({ mesh: target.mesh });
      const rows = stores.map(({ storeId, name, type, current }) => [
        current ? '*' : ' ',
        storeId,
        nameText(name),
        type,
      ]);
      await output.result({
        json: stores.map(({ storeId, name, type, current }) => ({ storeId, name, type, current })),
        text: rows.length > 0 ? output.table(rows) : 'No store yet: `store create` makes one.',
      });
    },
  }),

  command({
    path: 'store status',
    group: 'Stores',
    summary: 'Show what the store holds, waits for and lacks',
    details:
      'The digest is equal on two nodes exactly when they hold the same entries. Pending entries wait for one that has ' +
      'not come yet; held ones are dated too far ahead of this node’s clock; forks are authors with two histories: a ' +
      'copied or restored data directory, or a stolen key. Conflicts are keys that were written by nodes that did not know ' +
      'of each other’s write, deletes included, until the next write of the key settles it.',
    examples: [{ line: 'store status --store notes', says: 'of another store than the selected one' }],
    json:
      '{storeId, type, entries, chains, pending, held, forks, digest, forkedAuthors: [{author, branches}], needsUpgrade, conflicts, warnings, ' +
      'missing: [{author, seq, entry, waiting, sender}], heldAuthors: [{author, entries, aheadMs}], damagedPlaces, ' +
      'acceptedLosses: [{at, places, lost, givenUp}]}; ' +
      'a sender of null: this node’s own disk, which is damaged',
    run: async (_input, { node, output, target }) => {
      const client = await node();
      const status = await client.storeStatus({ target });
      const { storeId, type, digest, warnings } = status;
      const forkedAuthors = status.forks.map(({ author, branches }) => ({ author, branches }));
      const counts = {
        entries: Number(status.entries),
        chains: Number(status.chains),
        pending: Number(status.pending),
        held: Number(status.held),
        forks: forkedAuthors.length,
      };
      const forked = forkedAuthors.map(({ author, branches }) => `fork: ${author} has ${branches} branches`);
      const isAll = areAll(status.missing, status.pending);
      const why = [
        ...status.missing.map((one) => missingText(one, isAll)),
        ...status.heldAuthors.map(heldText),
      ];
      await output.result({
        json: {
          storeId,
          type,
          ...counts,
          digest,
          forkedAuthors,
          needsUpgrade: Number(status.needsUpgrade),
          conflicts: Number(status.conflicts),
          warnings,
          missing: status.missing.map(missingJson),
          heldAuthors: status.heldAuthors.map(heldJson),
          damagedPlaces: Number(status.damagedPlaces),
          acceptedLosses: status.acceptedLosses.map(acceptedLossJson),
        },
        text: [
          columns([
            ['store', storeId],
            ['name', nameText(status.name)],
            ['type', type],
            ...Object.entries({ ...counts, conflicts: status.conflicts }).map(([name, count]) => [
              name,
              count.toLocaleString('en'),
            ]),
            ['digest', digest],
          ]),
          ...forked,
          ...why,
          ...status.acceptedLosses.map(acceptedLossText),
          ...warnings.map((warning) => `warning: ${harmless(warning)}`),
        ].join('\n'),
      });
    },
  }),

  command({
    path: 'store rename',
    group: 'Stores',
    summary: 'Name a store anew, for every member',
    args: [
      { name: 'id', summary: 'Any unambiguous prefix of its id, or its name', completes: 'store' },
      { name: 'name', summary: 'What no other store of the mesh is called' },
    ],
    examples: [{ line: 'store rename notes diary', says: 'its id stays the same' }],
    json: '{storeId, name, oldName}',
    changesSelection: true,
    run: async ({ args }, { node, output, target }) => {
      const client = await node();
      const { storeId, oldName } = await client.storeRename({
        target: { mesh: target.mesh, store: args.id },
        name: args.name,
      });
      const before = oldName === '' || oldName === args.name ? '' : `, and no longer ${quoted(oldName)}`;
      await output.result({
        json: { storeId, name: args.name, oldName },
        text: `The store ${shortId(storeId)} is called ${quoted(args.name)}${before}.`,
      });
    },
  }),

  command({
    path: 'store delete',
    group: 'Stores',
    summary: 'Delete a store, for every member and for good',
    details:
      'The disk space that it has here is free at once. Other members keep their data aside for 7 days: should the ' +
      'deletion count no more, since who deleted it is revoked from before that, the store is back with all it held.',
    args: [{ name: 'id', summary: 'Any unambiguous prefix of its id, or its name', completes: 'store' }],
    options: [{ name: 'yes', short: 'y', summary: 'Do not ask' }],
    examples: [
      { line: 'store delete notes', says: 'asks first' },
      { line: 'store delete notes --yes', says: 'in a script' },
    ],
    json: '{storeId, name, freedBytes}',
    changesSelection: true,
    run: async ({ args, options }, context) => {
      const { node, output, target } = context;
      const confirm = confirmer('store delete', options.yes, context);
      const client = await node();
      const store = await client.storeStatus({ target: { mesh: target.mesh, store: args.id } });
      const before = await client.storeList({ mesh: target.mesh });
      if (confirm) await confirm(deletionQuestion(store, await client.meshStatus({ mesh: target.mesh })));
      const { storeId, name, freedBytes } = await client.storeDelete({
        target: { mesh: target.mesh, store: store.storeId },
      });
      const { stores } = await client.storeList({ mesh: target.mesh });
      const wasSelected = before.stores.some((one) => one.storeId === storeId && one.current);
      const selected = wasSelected ? ` ${selectionText(stores)}` : '';
      await output.result({
        json: { storeId, name, freedBytes: Number(freedBytes) },
        text: `Deleted the store ${storeText(store)}, and freed ${sizeText(freedBytes)} of disk.${selected}`,
      });
    },
  }),
];

function deletionQuestion(store: StoreStatusResponse, mesh: MeshStatusResponse): Question {
  const entries = counted(store.entries, 'entry', 'entries');
  const meshText = mesh.name === '' ? 'the mesh' : quoted(mesh.name);
  const all = mesh.members === 2 ? 'both' : `all ${mesh.members}`;
  const whose = mesh.members > 1 ? `for ${all} members of ${meshText}` : `of ${meshText}`;
  const expected = store.name === '' ? shortId(store.storeId) : store.name;
  const what = store.name === '' ? 'the first 8 digits of its id' : 'its name';
  return {
    about: `This deletes the store ${storeText(store)} (${entries}) ${whose}, and cannot be undone.`,
    prompt: `Type ${what} to confirm: `,
    isYes: (answer) => answer === expected.trim(),
  };
}

function storeText({ storeId, name }: { readonly storeId: string; readonly name: string }): string {
  return name === '' ? shortId(storeId) : quoted(name);
}

function selectionText(stores: readonly StoreInfo[]): string {
  const selected = stores.find(({ current }) => current);
  return selected === undefined ? 'No store is selected.' : `${storeText(selected)} is selected now.`;
}
