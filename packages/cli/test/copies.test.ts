import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { greeting } from '@lattice/cli/testing';
import { diskRig } from './disk-rig.js';
import { Rig } from './rig.js';

test('a copied data directory is noticed where the copy is used, not where the original is', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  await rig.json('put', 'key', 'value');
  const [original, twin] = [join(rig.folder, 'data'), join(rig.folder, 'twin')];
  cpSync(original, twin, { recursive: true, preserveTimestamps: true });

  for (let start = 0; start < 2; start++) {
    const got = await rig.run(['--data-dir', twin, 'get', 'key']);
    assert.deepEqual([got.status, got.stdout], [0, 'value\n']);
    assert.match(got.stderr, /^warn: This data directory was copied: "\S+\/data" holds the same node\./);
  }
  for (const command of [['node', 'status'], ['status']]) {
    const shown = await rig.run(['--data-dir', twin, ...command]);
    assert.match(
      shown.stdout.replaceAll(/\s+/g, ' '),
      /This data directory was copied: .*`node keep-identity`/,
    );
    assert.equal(shown.stderr, '', 'once is enough');
    assert.doesNotMatch((await rig.run(command)).stdout, /was copied/);
  }
  assert.equal((await rig.run(['get', 'key'])).stderr, '');

  assert.equal(
    (await rig.run(['--data-dir', twin, 'put', 'key', 'twin'])).status,
    0,
    'it writes all the same',
  );
  rmSync(original, { recursive: true });
  assert.equal((await rig.run(['--data-dir', twin, 'get', 'key'])).stderr, '', 'it was a move');
});

test('who knows that the copy is the only one left says so once', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  const twin = join(rig.folder, 'twin');
  cpSync(join(rig.folder, 'data'), twin, { recursive: true });
  assert.deepEqual(await rig.json('--data-dir', twin, 'node', 'keep-identity'), { wasSuspected: true });
  const { stdout, stderr } = await rig.run(['--data-dir', twin, 'node', 'keep-identity']);
  assert.deepEqual(
    [stdout, stderr],
    ['This node was not taken for a copy. It is known to be here now.\n', ''],
  );
});

test('a restored backup is not taken for a copy: who restored it was told what to do', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  await rig.json('backup', 'copy');
  await rig.json('--data-dir', 'elsewhere', 'restore', 'copy');
  const { stdout, stderr } = await rig.run(['--data-dir', 'elsewhere', 'node', 'status']);
  assert.doesNotMatch(stdout + stderr, /copied/);
});

test('a shell greets with what the node of another process warns of, within bounds', async (context) => {
  const rig = new Rig(context);
  rig.machine.disk.suspectedCopy = { kind: 'other-machine' };
  await rig.withNode(async (node) => {
    const client = await node();
    assert.doesNotMatch(await greeting(client), /warning/, 'in one process, its logger tells');
    const status = await client.nodeStatus({});
    const elsewhere = (warnings: readonly string[]) =>
      greeting({
        ...client,
        nodeStatus: async () => ({ ...status, warnings: [...warnings], owner: undefined }),
      });
    const [first = '', second = '', ...rest] = (await elsewhere(status.warnings)).split('\n');
    assert.match(first, /^Lattice .* `quit` leaves\.$/);
    assert.match(second, /^warning: This data directory was copied or moved here from another machine\./);
    assert.deepEqual(rest, ['']);
    const many = await elsewhere(['1', '2', '3', '4', 'a\u001bb']);
    assert.deepEqual(many.split('\n').slice(1), [
      'warning: 1',
      'warning: 2',
      'warning: 3',
      'And 2 more warnings: see `status`.',
      '',
    ]);
  });
});
