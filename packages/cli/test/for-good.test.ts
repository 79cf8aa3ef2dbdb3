import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { main } from '@lattice/cli';
import { toHex } from '@lattice/model';
import { Collector, type Ran, Rig } from './rig.js';

test('a node is named, and its peers see it', async (context) => {
  const rig = new Rig(context);
  assert.deepEqual(await rig.json('node', 'set-name', 'tower'), { name: 'tower', meshes: 0 });
  await rig.json('mesh', 'create', 'home');
  const { stdout } = await rig.run(['node', 'set-name', 'my desk']);
  assert.equal(stdout, 'This node is called "my desk" now, in 1 mesh.\n');
  assert.equal(((await rig.json('node', 'status')) as { name: string }).name, 'my desk');
  await rig.letIn('laptop');
  const peers = (await rig.json('mesh', 'peers')) as { name: string }[];
  assert.deepEqual(
    peers.map(({ name }) => name).toSorted((a, b) => (a < b ? -1 : 1)),
    ['laptop', 'my desk'],
  );
  const refused = await rig.run(['node', 'set-name', 'x'.repeat(65)]);
  assert.deepEqual([refused.status, refused.stdout], [1, '']);
  assert.match(refused.stderr, /^error: A name is 1 to 64 bytes/);
});

test('a store is renamed, unless another is called so', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  const { storeId } = (await rig.json('store', 'create', '--name', 'notes')) as { storeId: string };
  assert.deepEqual(await rig.json('store', 'rename', 'notes', 'diary'), {
    storeId,
    name: 'diary',
    oldName: 'notes',
  });
  const { stdout } = await rig.run(['store', 'rename', storeId.slice(0, 8), 'notes']);
  assert.equal(stdout, `The store ${storeId.slice(0, 8)} is called notes, and no longer diary.\n`);
  const taken = await rig.run(['store', 'rename', 'notes', 'main']);
  assert.deepEqual(
    [taken.status, taken.stderr.split(':')[1]],
    [1, ' There is a store "main" in this mesh already'],
  );
  assert.equal((await rig.run(['--json', 'store', 'rename', 'nope', 'x'])).status, 1);
});

test('a store is deleted with --yes, and its room is free', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  const { storeId } = (await rig.json('store', 'create', '--name', 'notes')) as { storeId: string };
  await rig.json('put', 'key', 'x'.repeat(5_000), '--store', 'notes');
  const deleted = (await rig.json('store', 'delete', 'notes', '--yes')) as { freedBytes: number };
  assert.deepEqual({ ...deleted, freedBytes: 0 }, { storeId, name: 'notes', freedBytes: 0 });
  assert.ok(deleted.freedBytes > 5_000);
  assert.ok(!rig.machine.disk.stores.has(storeId));
  const stores = (await rig.json('store', 'list')) as { name: string; current: boolean }[];
  assert.deepEqual(
    stores.map(({ name, current }) => [name, current]),
    [['main', true]],
  );
  const gone = await rig.run(['get', 'key', '--store', 'notes']);
  assert.match(gone.stderr, /^error: There is no store "notes"/);
});

test('what another member deleted is told with the day when it is freed', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  await rig.json('store', 'create', '--name', 'notes');
  await rig.letIn('laptop');
  await rig.nodes.alone('laptop', async (node) => void (await node.meshes()[0]?.store('notes').delete()));
  const [desk, laptop] = [await rig.machine.open(), await rig.nodes.machine('laptop').open()];
  const heard = new Promise<void>((resolve) =>
    desk.subscribe(({ kind }) => {
      if (kind === 'store-deleted') resolve();
    }),
  );
  await Promise.all([desk.startNetwork(), laptop.startNetwork()]);
  await heard;
  await rig.machine.close();
  const { stdout } = await rig.run(['node', 'status']);
  assert.match(
    stdout,
    /\nwarning: The store "notes" was deleted by "laptop": its data here \(\d+ bytes\) is freed on 2025-01-08\.\n$/,
  );
});

test('what cannot be undone is refused where nobody can be asked, and nothing happens', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  for (const argv of [
    ['store', 'delete', 'main'],
    ['mesh', 'leave'],
    ['mesh', 'revoke', 'laptop'],
  ]) {
    const { status, stderr } = await rig.run(argv);
    assert.equal(status, 2);
    assert.match(stderr, /asks first, and nobody is at a terminal here: add --yes/);
    const script = await rig.run([], { stdin: `${argv.join(' ')}\nyes\n` });
    assert.match(script.stderr, /^error in line 1: .*add --yes to go ahead\.\n/);
  }
  assert.equal(((await rig.json('store', 'list')) as unknown[]).length, 1);
});

test('on a terminal a store is deleted once its name was typed, and not for anything else', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create', 'home');
  for (const answer of ['\r', 'nope\r', 'y\r', '\u0003', '\u0004']) {
    const { status, stderr } = await onTerminal(rig, ['store', 'delete', 'main'], answer);
    assert.equal(status, 1, JSON.stringify(answer));
    assert.match(stderr, /^This deletes the store main \(0 entries\) of home, and cannot be undone\.\n/);
    assert.match(
      stderr,
      /Type its name to confirm: [^]*\nerror: Not confirmed: everything is as it was\.\n$/,
    );
  }
  assert.equal(((await rig.json('store', 'list')) as unknown[]).length, 1);
  const { status, stdout } = await onTerminal(rig, ['store', 'delete', 'main'], 'main\r');
  assert.equal(status, 0);
  assert.match(stdout, /^Deleted the store main, and freed \d+ bytes of disk\. No store is selected\.\n$/);
  assert.deepEqual(await rig.json('store', 'list'), []);
});

test('a mesh is left: the others know, and nothing of it stays here', async (context) => {
  const rig = new Rig(context);
  const { meshId } = (await rig.json('mesh', 'create', 'home')) as { meshId: string };
  const alone = await rig.run(['--json', 'mesh', 'leave', '--yes']);
  assert.equal(JSON.parse(alone.stderr).error.code, 'last-member');
  await rig.letIn('laptop');
  const laptop = await rig.nodes.machine('laptop').open();
  await laptop.startNetwork();
  await rig.json('put', 'key', 'value');
  const refused = await onTerminal(rig, ['mesh', 'leave'], 'n\r');
  assert.match(refused.stderr, /membership of home for good[^]*Leave\? \[y\/N\] /);
  assert.equal(refused.status, 1);
  const left = await onTerminal(rig, ['mesh', 'leave', 'home'], 'y\r');
  assert.equal(left.stdout, 'Left the mesh home, and removed what was here of it.\n');
  assert.equal(rig.machine.disk.stores.size, 0);
  assert.deepEqual(await rig.json('mesh', 'list'), []);

  const desk = laptop
    .meshes()[0]
    ?.peers()
    .find(({ nodeId }) => toHex(nodeId) === toHex(rig.machine.nodeId));
  assert.equal(desk?.status, 'left');
  const { token } = (await laptop.meshes()[0]?.createInvite()) ?? { token: '' };
  const again = await rig.run(['--json', 'mesh', 'join', token]);
  assert.equal(JSON.parse(again.stderr).error.code, 'mesh-left');
  assert.equal(laptop.meshes()[0]?.uuid, meshId);
});

test('a member is revoked after a question, and a node does not revoke itself', async (context) => {
  const rig = new Rig(context);
  await rig.json('mesh', 'create', 'home');
  await rig.letIn('laptop');
  const own = toHex(rig.machine.nodeId);
  for (const self of [own, own.slice(0, 8), 'desk']) {
    const { status, stderr } = await rig.run(['mesh', 'revoke', self, '--yes']);
    assert.equal(status, 1);
    assert.match(stderr, /^error: That is this node itself: `mesh leave`/);
  }
  const refused = await onTerminal(rig, ['mesh', 'revoke', 'laptop'], 'n\r');
  assert.match(refused.stderr, /membership of laptop \([0-9a-f]{8}\) for good[^]*Revoke\? \[y\/N\] /);
  assert.equal(refused.status, 1);
  const revoked = await onTerminal(rig, ['mesh', 'revoke', 'laptop'], 'y\r');
  assert.match(revoked.stdout, /^Revoked laptop \([0-9a-f]{8}\): 0 entries of it count no longer\.\n$/);
  const peers = (await rig.json('mesh', 'peers')) as { name: string; status: string }[];
  assert.deepEqual(peers.map(({ name, status }) => `${name} ${status}`).toSorted(), [
    'desk member',
    'laptop revoked',
  ]);
});

test('the last member leaves by force', async (context) => {
  const rig = new Rig(context);
  const { meshId } = (await rig.json('mesh', 'create', 'home')) as { meshId: string };
  assert.deepEqual(await rig.json('mesh', 'leave', '--force', '--yes'), {
    meshId,
    name: 'home',
    told: false,
  });
});

/** Runs a command on a terminal, at which somebody types that when asked. */
async function onTerminal(rig: Rig, argv: readonly string[], keys: string): Promise<Ran> {
  const [stdout, stderr] = [new Collector(true), new Collector(true)];
  const keyboard = Object.assign(new PassThrough(), { isTTY: true });
  const write = stderr._write.bind(stderr);
  let asked = false;
  stderr._write = (chunk, encoding, done) => {
    write(chunk, encoding, done);
    if (asked || !/: $|\] $/.test(stripVTControlCharacters(stderr.text))) return;
    asked = true;
    setImmediate(() => keyboard.write(keys));
  };
  const status = await main(argv, { ...rig.surroundings({}, stdout, stderr), stdin: keyboard });
  // What moves the cursor about does not matter here.
  const plain = (text: string) => stripVTControlCharacters(text).replaceAll('\r', '');
  return { status, stdout: plain(stdout.text), stderr: plain(stderr.text) };
}
