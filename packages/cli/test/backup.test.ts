import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { diskRig } from './disk-rig.js';

test('a node is backed up, restored elsewhere, and is the same node', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  await rig.json('put', 'a', '1');
  const status = (await rig.json('node', 'status')) as { nodeId: string };
  const { stdout, status: code, stderr } = await rig.run(['backup', 'copy']);
  assert.equal(code, 0, stderr);
  assert.match(stdout, /^Backed up 2 stores, \d+\.\d kB, to \S+\/copy\.\nIt holds this node's private key/);
  await rig.json('put', 'a', '2');

  const restored = await rig.run(['--data-dir', 'elsewhere', 'restore', 'copy']);
  assert.equal(restored.status, 0, restored.stderr);
  assert.match(restored.stdout, /^Restored node [0-9a-f]+ as it was at .*: 2 stores in \S+\/elsewhere\.\n/);
  assert.match(
    restored.stdout,
    /stop it for good, or run `node rotate` here[^]*run `store sync` before writing/,
  );
  const there = (await rig.json('--data-dir', 'elsewhere', 'node', 'status')) as { nodeId: string };
  assert.equal(there.nodeId, status.nodeId);
  assert.equal((await rig.run(['--data-dir', 'elsewhere', 'get', 'a'])).stdout, '1\n');
  assert.equal((await rig.run(['get', 'a'])).stdout, '2\n');
});

test('what backup and restore print for programs', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  const made = (await rig.json('backup', 'copy')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(made), ['folder', 'stores', 'bytes', 'damaged', 'ms']);
  assert.deepEqual([made['folder'], made['stores']], [join(rig.folder, 'copy'), 2]);
  const restored = (await rig.json('--data-dir', 'x', 'restore', 'copy')) as Record<string, unknown>;
  assert.deepEqual(Object.keys(restored), ['nodeId', 'backedUpAt', 'dataDir', 'stores', 'bytes', 'ms']);
  assert.equal(restored['bytes'], made['bytes']);
  assert.match(String(restored['backedUpAt']), /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('what cannot be backed up or restored is refused, and nothing is left of it', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  await rig.json('backup', 'copy');
  fs.mkdirSync(join(rig.folder, 'half'));
  for (const [argv, message] of [
    [['backup', 'copy'], /is not empty/],
    [['backup', 'data/backup'], /lies in the data directory itself/],
    [['restore', 'copy'], /holds a node already/],
    [['--data-dir', 'x', 'restore', 'half'], /holds no whole backup/],
    [['--data-dir', 'x', 'restore', 'nowhere'], /holds no whole backup/],
  ] as const) {
    const { status, stderr } = await rig.run(argv);
    assert.equal(status, 1, stderr);
    assert.match(stderr, message);
  }
});

test('a folder without a node is not backed up, and stays as it is', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  const { status, stderr } = await rig.run(['--data-dir', 'dta', 'backup', 'copy']);
  assert.equal(status, 1);
  assert.match(stderr, /^error: There is no node in \S+dta\./);
  for (const name of ['dta', 'copy']) assert.ok(!fs.existsSync(join(rig.folder, name)), name);
});

test('a restore that is refused leaves nothing, not even a lock', async (context) => {
  const rig = diskRig(context);
  fs.mkdirSync(join(rig.folder, 'half'));
  fs.mkdirSync(join(rig.folder, 'there'));
  for (const target of ['there', 'x'])
    assert.equal((await rig.run(['--data-dir', target, 'restore', 'half'])).status, 1);
  assert.deepEqual(fs.readdirSync(join(rig.folder, 'there')), []);
  assert.ok(!fs.existsSync(join(rig.folder, 'x')));
});

test('damage to a log is told of by a backup, which has it too, and by status from then on', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  for (const key of ['a', 'b', 'c']) await rig.json('put', key, `value of ${key}`);
  const { storeId } = (await rig.json('store', 'status')) as { storeId: string };
  const path = join(rig.folder, 'data', 'stores', storeId, 'logs', '0000000000000000.log');
  const bytes = fs.readFileSync(path);
  const at = bytes.indexOf('value of b');
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  fs.writeFileSync(path, bytes);
  const { stdout, status } = await rig.run(['backup', 'copy']);
  assert.equal(status, 1);
  assert.match(
    stdout,
    /^The log of the store [0-9a-f]{8} is damaged on disk in 1 place, and so in the copy\./m,
  );
  const { verdict } = (await rig.json('status')) as { verdict: { state: string; text: string } };
  assert.equal(verdict.state, 'damaged');
  assert.match(verdict.text, /^Damaged: the store "main" is damaged on this disk\. Alone: /);
  assert.match((await rig.run(['store', 'status'])).stdout, /^warning: The log is damaged on disk \(/m);
  const { damaged } = JSON.parse((await rig.run(['--json', 'backup', 'again'])).stdout) as {
    damaged: unknown;
  };
  assert.deepEqual(damaged, [{ storeId, places: 1 }]);
});

test('Ctrl-C ends a backup, and leaves none', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'family');
  const backup = rig.run(['backup', 'copy']);
  rig.interrupt();
  const { status, stderr } = await backup;
  assert.equal(status, 130);
  assert.match(stderr, /^error: Cancelled: what was copied until then is removed\.\n$/);
  assert.ok(!fs.existsSync(join(rig.folder, 'copy')));
});
