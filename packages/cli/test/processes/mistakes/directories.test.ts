import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { chmodSync, cpSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { skipWithoutMounts as skip, SmallDisk } from '../../../../storage-node/test/support/small-disk.js';
import { Machine } from '../support/machine.js';
import { assertRefused, refused } from '../support/refused.js';

test('a data directory that cannot be made is named, with what to do', async (context) => {
  const places = [
    { dataDir: '/proc/lattice', says: /can not be made.*--data-dir/ },
    { dataDir: '/proc/lattice/deep', says: /can not be made.*--data-dir/ },
  ];
  for (const { dataDir, says } of places)
    await refused(new Machine(context, { dataDir }), ['mesh', 'create'], 1, says);
});

test('a data directory that is a file, or a link to a place that is gone, is refused and left as it is', async (context) => {
  const machine = new Machine(context);
  writeFileSync(machine.dataDir, 'a file of somebody');
  await refused(machine, ['node', 'status'], 1, /is not a directory.*--data-dir/);
  rmSync(machine.dataDir);
  symlinkSync('/nonexistent/disk', machine.dataDir);
  await refused(machine, ['node', 'status'], 1, /a link that leads nowhere.*--data-dir/);
  assert.deepEqual(readdirSync(machine.folder), ['data', 'lattice']);
});

test(
  'a read-only disk and a full one are told apart, and all is there once they are mended',
  { skip },
  async (context) => {
    await using disk = await SmallDisk.make();
    const machine = new Machine(context, { dataDir: disk.path });
    await machine.json('mesh', 'create', 'home');
    await machine.json('put', 'before', 'kept');
    disk.makeReadOnly();
    await refused(machine, ['put', 'key', 'value'], 1, /can not be written to.*permissions/);
    disk.makeWritable();

    await machine.startDaemon();
    disk.fill();
    const value = 'v'.repeat(100_000);
    await refused(machine, ['put', 'large', value], 1, /disk is full.*free some space/);
    assert.equal((await machine.run('get', 'before')).stdout, 'kept\n');
    disk.free();
    await machine.json('put', 'large', value);
    assert.equal((await machine.run('get', 'large')).stdout, `${value}\n`);
  },
);

test('a data directory of a newer version is left alone', async (context) => {
  const machine = await machineWithData(context);
  writeFileSync(join(machine.dataDir, 'version'), '99\n');
  await refused(machine, ['get', 'key'], 1, /"99".*install a newer one/);
  writeFileSync(join(machine.dataDir, 'version'), '1\n');
  assert.equal((await machine.run('get', 'key')).stdout, 'value\n');
});

test('an identity that others may read, that is none, or that is gone is never used or replaced', async (context) => {
  const machine = await machineWithData(context);
  const path = join(machine.dataDir, 'identity.key');
  const aside = join(machine.folder, 'identity');
  cpSync(path, aside);

  chmodSync(path, 0o644);
  await refused(
    machine,
    ['get', 'key'],
    1,
    /others may read it \(mode 644\): run "chmod 600 .*identity\.key"/,
  );
  chmodSync(path, 0o600);
  for (const content of ['', 'garbage\n', `${'0'.repeat(63)}\n`, randomBytes(65)]) {
    writeFileSync(path, content);
    await refused(machine, ['get', 'key'], 1, /does not hold an identity.*restore it from a backup/);
  }
  rmSync(path);
  await refused(machine, ['get', 'key'], 1, /identity\.key is gone.*restore it from a backup.*--data-dir/);
  assert(!readdirSync(machine.dataDir).includes('identity.key'));

  cpSync(aside, path);
  chmodSync(path, 0o600);
  assert.equal((await machine.run('get', 'key')).stdout, 'value\n');
});

test('a hints file of random bytes is made anew, and says so', async (context) => {
  const machine = await machineWithData(context);
  writeFileSync(join(machine.dataDir, 'meta.db'), randomBytes(5_000));
  const { status, stdout, stderr } = await machine.run('get', 'key');
  assert.deepEqual([status, stdout], [0, 'value\n']);
  assert.match(stderr, /meta\.db is damaged.*made anew/);
});

test(
  "another user's data directory is refused, with what to do",
  { skip: skip && 'only root can be another user' },
  async (context) => {
    const machine = await machineWithData(context);
    chmodSync(machine.folder, 0o755);
    const ran = await machine.runAs(65_534, 'get', 'key');
    assertRefused(ran, 1, /can not be written to.*permissions/);
  },
);

async function machineWithData(context: TestContext): Promise<Machine> {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.json('put', 'key', 'value');
  return machine;
}
