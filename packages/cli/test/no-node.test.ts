import assert from 'node:assert/strict';
import fs from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { commands } from '@lattice/cli/testing';
import { diskRig } from './disk-rig.js';

const beginners = ['mesh create', 'mesh join', 'node set-name', 'daemon', 'restore'];
const nodeless = ['help', 'completion', 'quit', 'exit'];

test('in a directory without a node, nothing but what begins one makes anything', async (context) => {
  const rig = diskRig(context);
  fs.writeFileSync(join(rig.folder, 'x'), '');
  const others = commands.filter((one) => ![...beginners, ...nodeless].includes(one.path.join(' ')));
  assert.ok(others.length > 30);
  for (const one of others) {
    const { status, stdout, stderr } = await rig.run(['--data-dir', 'typo', ...wordsFor(one)]);
    assert.deepEqual([status, stdout], [1, ''], one.path.join(' '));
    assert.match(
      stderr,
      /^error: There is no node in \S+typo\. .*--data-dir.*`lattice mesh create`, or `lattice mesh join`/m,
    );
    assert.deepEqual(fs.readdirSync(rig.folder), ['x'], one.path.join(' '));
  }
});

test('what begins a node makes it, and the others find it from then on', async (context) => {
  const rig = diskRig(context);
  assert.equal((await rig.run(['status'])).status, 1);
  await rig.json('node', 'set-name', 'kitchen');
  assert.equal(((await rig.json('node', 'status')) as { name: string }).name, 'kitchen');
  const script = 'list\nmesh create home\nput a 1\nget a\n';
  const ran = await rig.run(['--data-dir', 'other'], { stdin: script });
  assert.match(ran.stderr, /^error in line 1: There is no node in /);
  assert.match(ran.stdout, /\n1\n$/);
});

test("a folder of somebody's files is not taken for a node, nor added to", async (context) => {
  const rig = diskRig(context);
  fs.mkdirSync(join(rig.folder, 'photos'));
  fs.writeFileSync(join(rig.folder, 'photos', 'cat.jpg'), 'a cat');
  assert.match((await rig.run(['--data-dir', 'photos', 'status'])).stderr, /^error: There is no node in /);
  assert.deepEqual(fs.readdirSync(join(rig.folder, 'photos')), ['cat.jpg']);
});

test('what is left of a node is told of as that, not as no node', async (context) => {
  const rig = diskRig(context);
  await rig.json('mesh', 'create', 'home');
  const data = join(rig.folder, 'data');
  fs.renameSync(join(data, 'identity.key'), join(rig.folder, 'identity.key'));
  assert.match((await rig.run(['list'])).stderr, /identity\.key is gone/);
  fs.mkdirSync(join(rig.folder, 'half'));
  fs.writeFileSync(join(rig.folder, 'half', 'restoring'), 'backup\n');
  assert.match((await rig.run(['--data-dir', 'half', 'list'])).stderr, /was being restored from a backup/);
  fs.symlinkSync(join(rig.folder, 'unmounted'), join(rig.folder, 'link'));
  assert.match((await rig.run(['--data-dir', 'link', 'list'])).stderr, /a link that leads nowhere/);
});

/** A line that the parser accepts; nothing is asked, since nobody is there. */
function wordsFor({ path, args, options }: (typeof commands)[number]): readonly string[] {
  const yes = options.some(({ name }) => name === 'yes') ? ['--yes'] : [];
  const required = args.filter(({ optional }) => optional !== true).map(() => 'x');
  return [...path, ...required, ...yes];
}
