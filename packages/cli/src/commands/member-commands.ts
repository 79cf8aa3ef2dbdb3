import type { Peer } from '@lattice/api';
import { counted, LatticeError } from '@lattice/model';
import { durationMsOf } from '../line/option-values.js';
import { called } from '../output/called.js';
import { shortId, timeText } from '../output/columns.js';
import { quoted } from '../output/printable.js';
import { waitingForEntries } from '../output/waiting.js';
import { peerJson } from '../status/document.js';
import { peerReport } from '../status/gather.js';
import { peersTable } from '../status/peers-table.js';
import { command } from './command.js';
import { confirmer } from './confirm.js';

export const memberCommands = [
  command({
    path: 'mesh invite',
    group: 'Meshes',
    summary: 'Make a token that lets one node join',
    details: 'Whoever has the token can join: hand it over in private.',
    options: [
      { name: 'expires', value: 'time', summary: 'How long it can be used: 90s, 30m, 12h, 7d; else 24h' },
    ],
    examples: [
      { line: 'mesh invite', says: 'then, on the other machine: mesh join <token>' },
      { line: 'mesh invite --expires 30m', says: 'for somebody who is about to join' },
    ],
    json: '{token, expiresAt}',
    needsNetwork: true,
    run: async ({ options }, { node, output, target }) => {
      const expiresInMs = durationMsOf('expires', options.expires) ?? 0;
      const client = await node();
      const { token, expiresAtMs } = await client.meshInvite({
        mesh: target.mesh,
        expiresInMs: BigInt(expiresInMs),
      });
      const expiresAt = timeText(expiresAtMs);
      await output.result({ json: { token, expiresAt }, text: token });
      if (!output.json)
        output.note(
          `For one node, until ${expiresAt}. There: mesh join <token>, while this node is running.`,
        );
    },
  }),

  command({
    path: 'mesh join',
    group: 'Meshes',
    summary: 'Join the mesh of a token, and select it',
    details:
      'On a member, it tells where others are whom this node has lost sight of, or has never heard of.',
    args: [{ name: 'token', summary: 'What `mesh invite` printed on a member', secret: true }],
    examples: [{ line: 'mesh join lattice1qq...', says: 'needs a member that can be reached' }],
    json: '{meshId, name, storeId}',
    needsNetwork: true,
    beginsNode: true,
    changesSelection: true,
    run: async ({ args }, context) => {
      const { node, output, signal } = context;
      const client = await node();
      const { meshes } = await client.meshList({});
      const { meshId, name, storeId } = await waitingForEntries('joining', client, context, () =>
        client.meshJoin({ token: args.token }, { signal }),
      );
      const isNew = meshes.every((mesh) => mesh.meshId !== meshId);
      const which = `the mesh ${called(meshId, name)}`;
      await output.result({
        json: { meshId, name, storeId: storeId === '' ? null : storeId },
        text: isNew
          ? `Joined ${which}. It is selected.`
          : `This node is in ${which} already; it is selected now.`,
      });
    },
  }),

  command({
    path: 'mesh peers',
    group: 'Meshes',
    summary: 'List everybody who is or was a member',
    details:
      'With how each is connected, when it was last there, and how many entries it lacks at least of those that this ' +
      'node has: going by what it said last. Of more than eight members each node is linked with some only; of the others it ' +
      'does not know whether they are online (null in JSON), nor what they have by now.',
    examples: [{ line: 'mesh peers', says: 'who is there, and who can be reached now' }],
    json: '[{nodeId, name, status, online, self, lastSeen, path, rttMs, clockAheadMs, offence: {reason, at, barredMs}, stores: [{storeId, inSync, lacks, asOf}]}], with null for what is not known',
    needsNetwork: true,
    run: async (_input, { node, output, surroundings, target }) => {
      const client = await node();
      const [{ meshId }, { peers }, { stores }] = await Promise.all([
        client.meshStatus({ mesh: target.mesh }),
        client.meshPeers({ mesh: target.mesh }),
        client.storeList({ mesh: target.mesh }),
      ]);
      const reports = await Promise.all(peers.map(peerReport));
      await output.result({
        json: reports.map(peerJson),
        text: peersTable({ meshId, stores, peers: reports }, surroundings.nowMs()),
      });
    },
  }),

  command({
    path: 'mesh revoke',
    group: 'Meshes',
    summary: "End a member's say for good",
    details:
      'What it wrote until now stays; what it writes from now on counts nowhere. It cannot be undone: whoever is to ' +
      'return joins with a new identity.',
    args: [
      { name: 'member', summary: 'Its name, or the first digits of its id (4 or more)', completes: 'member' },
    ],
    options: [{ name: 'yes', short: 'y', summary: 'Do not ask' }],
    examples: [
      { line: 'mesh revoke 9f3ac2d1', says: 'asks first; see `mesh peers` for ids' },
      { line: 'mesh revoke 9f3ac2d1 --yes', says: 'in a script' },
    ],
    json: '{nodeId, cutEntries, synced}',
    needsNetwork: true,
    run: async ({ args, options }, context) => {
      const { node, output, signal, target } = context;
      const confirm = confirmer('mesh revoke', options.yes, context);
      const client = await node();
      const { peers } = await client.meshPeers({ mesh: target.mesh });
      const meant = memberMeant(peers, args.member);
      if (meant?.self)
        throw new LatticeError(
          'self-revoked',
          'That is this node itself: `mesh leave` ends its own membership.',
        );
      if (meant)
        await confirm?.({
          about: `This ends the membership of ${called(meant.nodeId, meant.name)} for good: to return, it needs a new identity.`,
          prompt: 'Revoke? [y/N] ',
          isYes,
        });
      // What means nobody, or several, is the node's to refuse.
      const { nodeId, cutEntries, synced } = await client.meshRevoke(
        { mesh: target.mesh, peer: meant?.nodeId ?? args.member },
        { signal },
      );
      await output.result({
        json: { nodeId, cutEntries: Number(cutEntries), synced },
        text: `Revoked ${called(nodeId, meant?.name ?? '')}: ${counted(cutEntries, 'entry', 'entries')} of it count no longer.`,
      });
      if (!synced && !output.json)
        output.note(
          'No other member could be reached, so what it wrote and only they know of is cut off too.',
        );
    },
  }),

  command({
    path: 'mesh leave',
    group: 'Meshes',
    summary: 'End this node’s membership, and free its disk',
    details:
      'It syncs first, and refuses where entries would be lost by it. What this node wrote stays with the others. It ' +
      'cannot be undone: to join again, use another data directory, which is another identity.',
    args: [
      {
        name: 'id',
        summary: 'A prefix of its id, or its name; if not given, the selected one',
        optional: true,
        completes: 'mesh',
      },
    ],
    options: [
      { name: 'force', summary: 'Leave even where entries are lost by it' },
      { name: 'yes', short: 'y', summary: 'Do not ask' },
    ],
    examples: [
      { line: 'mesh leave', says: 'the selected mesh; asks first' },
      { line: 'mesh leave family --yes', says: 'in a script' },
    ],
    json: '{meshId, name, told}',
    changesSelection: true,
    needsNetwork: true,
    run: async ({ args, options }, context) => {
      const { node, output, signal, target } = context;
      const confirm = confirmer('mesh leave', options.yes, context);
      const client = await node();
      const mesh = await client.meshStatus({ mesh: args.id ?? target.mesh });
      const which = quoted(mesh.name === '' ? shortId(mesh.meshId) : mesh.name);
      const stores = counted(mesh.stores, 'store');
      await confirm?.({
        about: `This ends this node's membership of ${which} for good, and removes what is here of it: ${stores}.`,
        prompt: 'Leave? [y/N] ',
        isYes,
      });
      const request = { mesh: mesh.meshId, force: options.force ?? false };
      const { meshId, name, told } = await client.meshLeave(request, { signal });
      await output.result({
        json: { meshId, name, told },
        text: `Left the mesh ${which}, and removed what was here of it.`,
      });
      if (!told && !output.json)
        output.note(
          'No other member could be told: if there are any, they list this node until one of them revokes it.',
        );
    },
  }),
];

function isYes(answer: string): boolean {
  return /^y(es)?$/i.test(answer);
}

/** Whom the node would find, if that is one; it looks for names and whole ids first, too. */
function memberMeant(peers: readonly Peer[], typed: string): Peer | undefined {
  const wanted = typed.toLowerCase();
  const exact = peers.filter(({ nodeId, name }) => nodeId === wanted || name === typed);
  const isLong = wanted.length >= idDigitsMin;
  const found =
    exact.length === 0 && isLong ? peers.filter(({ nodeId }) => nodeId.startsWith(wanted)) : exact;
  return found.length === 1 ? found[0] : undefined;
}

/** Fewer mean nobody. */
const idDigitsMin = 4;
