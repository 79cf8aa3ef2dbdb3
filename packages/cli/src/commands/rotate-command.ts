import { counted, LatticeError, messageOf, silentLogger, toHex } from '@lattice/model';
import type { RotateReport } from '@lattice/node';
import { called } from '../output/called.js';
import { shortId } from '../output/columns.js';
import { directoryOptions } from '../session.js';
import { command } from './command.js';
import type { CommandContext } from './command-context.js';
import { confirmer } from './confirm.js';

export const rotateCommand = command({
  path: 'node rotate',
  group: 'Node',
  summary: 'Give this node a new identity',
  details:
    'For a data directory that was copied and whose original is in use, or a key that others may know. The old key lets the new one in, in every ' +
    'mesh, without the network, and is deleted here. What was written with it stays as it is. Other members hear of it when they meet this ' +
    'node; the old key stays a member, since the original may be using it, unless --revoke-old says otherwise. Nothing else may be ' +
    'running on the data directory. A rotation that was cut off is finished by running it again.',
  options: [
    { name: 'name', value: 'name', summary: 'What to call it from now on; else as before' },
    {
      name: 'revoke-old',
      summary: 'Revoke the old key too: it was stolen, or nobody uses it any more',
    },
    { name: 'yes', short: 'y', summary: 'Do not ask' },
  ],
  examples: [
    { line: 'node rotate --name laptop', says: 'on a copy, so that it becomes a node of its own' },
    { line: 'node rotate --revoke-old', says: 'the key was stolen, or its other machine is gone' },
  ],
  json: '{nodeId, formerId, meshes: [{meshId, name}], notIn: [{meshId, name}], revoked: [{meshId, cutEntries, synced}]}',
  needsNetwork: ['revoke-old'],
  run: async ({ options }, context) => {
    const { output, surroundings, global } = context;
    const confirm = confirmer('node rotate', options.yes, context);
    await confirm?.({
      about:
        'This gives the node a new key for good, and deletes the old one here: other members see another node from now on.',
      prompt: 'Rotate? [y/N] ',
      isYes: (answer) => /^y(es)?$/i.test(answer),
    });
    const { rotate } = await import('@lattice/daemon');
    const directory = await surroundings.openDirectory(directoryOptions(global, silentLogger));
    const { name } = options;
    const report = await rotate(directory, name === undefined ? {} : { name });
    const revoked = options['revoke-old'] ? await revokeFormer(report, context) : [];
    const json = (one: RotateReport['meshes'][number]) => ({ meshId: one.uuid, name: one.name });
    await output.result({
      json: {
        nodeId: toHex(report.nodeId),
        formerId: toHex(report.formerId),
        meshes: report.meshes.map(json),
        notIn: report.notIn.map(json),
        revoked: revoked.map((one) => ({ ...one })),
      },
      text: textOf(report, revoked),
    });
  },
});

interface Revoked {
  readonly meshId: string;
  readonly cutEntries: number;
  readonly synced: boolean;
}

async function revokeFormer(
  { meshes, nodeId, formerId }: RotateReport,
  { node, signal }: CommandContext,
): Promise<readonly Revoked[]> {
  const revoked: Revoked[] = [];
  const peer = toHex(formerId);
  try {
    for (const { uuid } of meshes) {
      const client = await node();
      const { cutEntries, synced } = await client.meshRevoke({ mesh: uuid, peer }, { signal });
      revoked.push({ meshId: uuid, cutEntries: Number(cutEntries), synced });
    }
    return revoked;
  } catch (error) {
    const left = meshes
      .slice(revoked.length)
      .map(({ uuid }) => `\`--mesh ${shortId(uuid)} mesh revoke ${peer}\``);
    const reason = messageOf(error);
    throw new LatticeError(
      error instanceof LatticeError ? error.code : 'internal',
      `This node is ${toHex(nodeId)} now, but the old key has its say still (${reason}): run ${left.join(', then ')}.`,
      { cause: error },
    );
  }
}

function textOf({ nodeId, formerId, meshes, notIn }: RotateReport, revoked: readonly Revoked[]): string {
  const former = toHex(formerId);
  const inMeshes =
    meshes.length === 0 ? 'no mesh' : meshes.map(({ uuid, name }) => called(uuid, name)).join(', ');
  const cut = revoked.reduce((sum, { cutEntries }) => sum + cutEntries, 0);
  return [
    `This node is ${toHex(nodeId)} now, a member of ${inMeshes}.`,
    `What was written before stays, as that of ${former}.`,
    ...(meshes.length === 0
      ? []
      : revoked.length > 0
        ? [`The old key is revoked: ${counted(cut, 'entry', 'entries')} of it count no longer.`]
        : [`The old key is a member still. If nobody is to use it any more: \`mesh revoke ${former}\`.`]),
    ...notIn.map(
      ({ uuid, name }) =>
        `It is no member of ${called(uuid, name)}, as it was before: join anew to write there.`,
    ),
  ].join('\n');
}
