import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import { diskRig } from './disk-rig.js';
import { Rig } from './rig.js';

test('a copy becomes a node of its own, and says what became of the old key', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  await rig.json('put', 'key', 'value');
  const twin = ['--data-dir', join(rig.folder, 'twin')];
  cpSync(join(rig.folder, 'data'), join(rig.folder, 'twin'), { recursive: true });
  const before = await nodeIdOf(rig, twin);

  const { status, stdout, stderr } = await rig.run([...twin, 'node', 'rotate', '--name', 'twin', '--yes']);
  assert.deepEqual([status, stderr], [0, '']);
  const after = await nodeIdOf(rig, twin);
  assert.notEqual(after, before);
  assert.match(stdout, new RegExp(`^This node is ${after} now, a member of family \\([0-9a-f]{8}\\)\\.\n`));
  assert.match(
    stdout,
    new RegExp(`What was written before stays, as that of ${before}\\.\n.*\`mesh revoke ${before}\``),
  );
  assert.equal(await nodeIdOf(rig, []), before, 'the original is as it was');
  const got = await rig.run([...twin, 'get', 'key']);
  assert.deepEqual(
    [got.stdout, got.stderr],
    ['value\n', ''],
    'it has all that it had, and nothing to warn of',
  );
  assert.equal((await rig.run([...twin, 'put', 'key', 'twin'])).status, 0);
  const peers = (await rig.json(...twin, 'mesh', 'peers')) as {
    name: string;
    status: string;
    self: boolean;
  }[];
  assert.deepEqual(peers.map(({ name, status: standing, self }) => `${name} ${standing} ${self}`).slice(1), [
    'twin member true',
  ]);
});

test('what node rotate prints for programs, the old key revoked with it', async (context) => {
  const rig = new Rig(context);
  const { meshId } = (await rig.json('mesh', 'create', 'family')) as { meshId: string };
  await rig.letIn('laptop');
  await rig.json('put', 'key', 'value');
  const formerId = toHex(rig.machine.nodeId);
  await rig.nodes.machine('laptop').open();
  await rig.nodes.machine('laptop').node.startNetwork();
  const family = { meshId, name: 'family' };
  assert.deepEqual(await rig.json('node', 'rotate', '--revoke-old', '--yes'), {
    nodeId: toHex(rig.machine.nodeId),
    formerId,
    meshes: [family],
    notIn: [],
    revoked: [{ meshId, cutEntries: 0, synced: true }],
  });
  assert.notEqual(toHex(rig.machine.nodeId), formerId);
  const peers = (await rig.json('mesh', 'peers')) as { nodeId: string; status: string }[];
  assert.equal(peers.find(({ nodeId }) => nodeId === formerId)?.status, 'revoked');
  assert.equal((await rig.run(['get', 'key'])).stdout, 'value\n');
  assert.equal((await rig.run(['put', 'key', 'after'])).status, 0);
});

test('a rotation without a mesh, or outside of one, says so', async (context) => {
  const rig = new Rig(context);
  const { stdout } = await rig.run(['node', 'rotate', '--yes']);
  assert.match(stdout, /^This node is [0-9a-f]{64} now, a member of no mesh\.\nWhat was written before/);
  assert.doesNotMatch(stdout, /mesh revoke/);
});

test('node rotate asks first, and is refused while the node runs', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create', 'family');
  const before = toHex(rig.machine.nodeId);
  const unasked = await rig.run(['node', 'rotate']);
  assert.equal(unasked.status, 2);
  assert.match(unasked.stderr, /add --yes to go ahead/);
  await rig.withNode(async () => {
    const { status, stderr } = await rig.run(['node', 'rotate', '--yes']);
    assert.equal(status, 1);
    assert.match(
      stderr,
      /^error: Process \d+ runs the node in \S+ .*end it \(leave the shell, stop the daemon\)/,
    );
  });
  const { status, stderr } = await rig.run(['node', 'rotate', '--name', 'a\u0007b', '--yes']);
  assert.deepEqual([status, /name/.test(stderr)], [1, true]);
  assert.equal(toHex(rig.machine.nodeId), before);
});

async function nodeIdOf(rig: Rig, options: readonly string[]): Promise<string> {
  return ((await rig.json(...options, 'node', 'status')) as { nodeId: string }).nodeId;
}
