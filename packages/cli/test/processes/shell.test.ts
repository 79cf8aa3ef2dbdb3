import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { joined } from './support/pair.js';
import { LiveTerminal } from './support/live-terminal.js';
import { Machine } from './support/machine.js';

const hasScript = spawnSync('script', ['--version']).status === 0;
const skip = hasScript ? false : 'install util-linux for its "script"';

const [ctrlC, ctrlD, ctrlR, up, escape] = ['\u0003', '\u0004', '\u0012', '\u001b[A', '\u001b'];

test('the shell completes, goes on in the next line, and remembers', { skip }, async (context) => {
  const machine = new Machine(context);
  const first = shellOf(context, machine);
  await first.shows('lattice:no-mesh>');
  first.type('mesh cr\t');
  await first.shows('lattice:no-mesh> mesh create');
  first.type('home\r');
  await first.shows(/^Made the mesh home \([0-9a-f]{8}\)/, /`\.$/, /^lattice:[0-9a-f]{8}>$/);
  first.type('store create --name notes\rput "a key" one\rput "a \\xff" two\r');
  first.type('get a\t');
  await first.shows(/> get "a$/);
  first.type('\t');
  await first.shows(/^"a key" +"a \\xff"$/, /> get "a$/);
  first.type('\\xff\t\r');
  await first.shows('two', />$/);
  first.type('store use n\t\r');
  await first.shows(/^Selected the store/, /^lattice:[0-9a-f]{8}\/notes>$/);
  first.type('put text "one\rtwo"\rget text\r');
  await first.shows(/> put text "one$/, /^ +\.\.\.> two"$/, /> get text$/, 'one', 'two', /notes>$/);
  first.type('get te\t');
  await first.shows(/> get text$/);
  first.type(`${ctrlC}quit\r`);
  assert.equal(await first.ended(), 0);

  const second = shellOf(context, machine);
  await second.shows(/^Lattice/, /notes>$/);
  second.type(`put${up}`);
  await second.shows(/> put text "one$/, /^ +\.\.\.> two"$/);
  second.type(ctrlC);
  await second.shows(/two"\^C$/, /notes>$/);
  second.type(`mine${ctrlR}t te`);
  await second.shows(/^\(search: t te\) get text$/);
  second.type(escape);
  await second.shows(/notes> mine$/);
  second.type(`${ctrlC}${ctrlR}t text\r`);
  await second.shows('one', 'two', /notes>$/);
  second.type(ctrlD);
  assert.equal(await second.ended(), 0);
  assert.match(readFileSync(join(machine.dataDir, 'shell-history'), 'utf8'), /\nput text "one\\ntwo"\n/);
});

test(
  'Ctrl-C ends a command and not the shell, and the token it had leaves no trace',
  { skip },
  async (context) => {
    const [away, machine] = [new Machine(context), new Machine(context)];
    await away.json('mesh', 'create', 'away');
    await away.startDaemon();
    const { token } = (await away.json('mesh', 'invite')) as { token: string };
    await away.stopDaemon('SIGKILL');

    const shell = shellOf(context, machine);
    await shell.shows('lattice:no-mesh>');
    shell.type(`mesh join ${token}\r`);
    await shell.shows(/./, '');
    shell.type(ctrlC);
    await shell.shows(/^error: .*cancelled/i, 'lattice:no-mesh>');
    shell.type('mesh list\r');
    await shell.shows(/^No mesh yet/, 'lattice:no-mesh>');
    shell.type(`${up}${up}\r`);
    await shell.shows(/^No mesh yet/, 'lattice:no-mesh> mesh list', /^No mesh yet/, 'lattice:no-mesh>');
    shell.type('exit\r');
    assert.equal(await shell.ended(), 0);
    assert.equal(readFileSync(join(machine.dataDir, 'shell-history'), 'utf8'), 'mesh list\nexit\n');
  },
);

test('what happens shows above the line that is being typed', { skip }, async (context) => {
  const other = new Machine(context);
  await other.json('mesh', 'create', 'home');
  await other.startDaemon();
  const machine = await joined(context, other);
  const shell = shellOf(context, machine);
  await shell.shows(/is online/, /^lattice:[0-9a-f]{8}>$/);
  const long = 'put key "a value that goes on until it is wider than the terminal, and beyond that"';
  shell.type(long);
  await shell.shows(/> put key "a value/, /beyond that"$/);
  await other.stopDaemon();
  await shell.shows(/is offline/, /> put key "a value/, /beyond that"$/);
  shell.type('\rget key\r');
  await shell.shows(/> get key$/, /^a value that goes on/, /^lattice:/);
  shell.type(ctrlD);
  assert.equal(await shell.ended(), 0);
});

test('a daemon that dies is told, and the next command runs the node', { skip }, async (context) => {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.startDaemon();
  const shell = shellOf(context, machine);
  await shell.shows(/^lattice:[0-9a-f]{8}>$/);
  shell.type('put a');
  await shell.shows(/> put a$/);
  await machine.stopDaemon('SIGKILL');
  await shell.shows(/^The process that ran this node is gone/, /> put a$/);
  shell.type(' 1\rget a\r');
  await shell.shows(/> put a 1$/, /> get a$/, '1', />$/);
  shell.type(ctrlD);
  assert.equal(await shell.ended(), 0);
});

test(
  'a terminal that is closed ends the shell, and runs nothing of what was typed',
  { skip },
  async (context) => {
    const machine = new Machine(context);
    await machine.json('mesh', 'create', 'home');
    const shell = shellOf(context, machine);
    await shell.shows(/^lattice:[0-9a-f]{8}>$/);
    shell.type('put key value');
    await shell.shows(/> put key value$/);
    await shell.close();
    assert.equal((await machine.run('get', 'key')).status, 1);
    await machine.startDaemon();
  },
);

function shellOf(context: TestContext, machine: Machine): LiveTerminal {
  const env = { ...process.env, LATTICE_BIND: '127.0.0.1:0', NO_COLOR: '1' };
  return new LiveTerminal(context, './lattice --data-dir data', { cwd: dirname(machine.dataDir), env });
}
