import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { test } from 'node:test';
import { main } from '@lattice/cli';
import { toHex } from '@lattice/model';
import { subscriptionsOf } from '@lattice/testkit';
import { Rig } from './rig.js';

test('the prompt shows the mesh, and Ctrl-D leaves', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create family\r');
  await shell.sees('Made the mesh ');
  const id = shell.shortIdOf('family');
  await shell.sees(`family (${id})`);
  await shell.sees(`lattice:${id}> `);
  shell.types('put a "1 2"\rget a\r');
  await shell.sees('1 2\n');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
  assert.ok(!shell.rig.machine.isOpen);
});

test('quit leaves, and a mistake does not', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mehs create\r');
  await shell.sees('error: There is no command "mehs": did you mean `mesh create`?');
  shell.types('put "\\xg0"\r');
  await shell.sees('error: \\xg0 is no byte');
  shell.types('quit\r');
  assert.equal(await shell.status, 0);
});

test('Ctrl-C cancels the command that runs, and not the shell', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  const token = await shell.rig.tokenOfNobody();
  const dialling = new Promise<void>((resolve) => (shell.rig.machine.onDial = resolve));
  shell.types(`mesh join ${token}\r`);
  await dialling;
  shell.types('\u0003');
  await shell.sees('error: Cancelled: what was done until then stays done.');
  shell.types('mesh list\r');
  await shell.sees('No mesh yet');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('a command that ignores Ctrl-C is left to itself by a second one, and says nothing more', async (context) => {
  const rig = new Rig(context);
  let began = (): void => undefined;
  const making = new Promise<void>((resolve) => (began = resolve));
  let fail = (_error: Error): void => undefined;
  const createMesh = () =>
    new Promise<never>((_resolve, reject) => {
      fail = reject;
      began();
    });
  rig.machine.onOpen = (node) => Object.assign(node, { createMesh });
  const shell = new Shell(rig);
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create\r');
  await making;
  shell.types('\u0003');
  while (!shell.seen.includes('It does not end')) await shell.rig.time.advance(1_000);
  await shell.sees('It does not end: Ctrl-C again gives the prompt back.');
  shell.types('\u0003');
  await shell.sees('Left to itself');
  await shell.sees('lattice:no-mesh> ');
  fail(new Error('too late'));
  shell.types('mesh list\r');
  await shell.sees('No mesh yet');
  assert.doesNotMatch(shell.seen, /too late/);
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('Ctrl-C at the prompt drops the line, and twice at an empty one says how to leave', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create nev\u0003');
  await shell.sees('^C');
  await shell.sees('lattice:no-mesh> ');
  for (let i = 0; i < 2; i++) {
    shell.types('\u0003');
    await shell.sees('^C');
    if (i === 1) await shell.sees('`quit` or Ctrl-D leaves the shell.');
    await shell.sees('lattice:no-mesh> ');
  }
  shell.types('node status\r');
  await shell.sees('selected   no mesh');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
  assert.deepEqual(await shell.rig.json('mesh', 'list'), []);
});

test('an event shows above the line that is being typed', async (context) => {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'home']);
  await rig.letIn('lap\u202etop');
  const laptop = rig.nodes.machine('lap\u202etop');
  let subscribed = Promise.resolve();
  rig.machine.onOpen = (node) => {
    subscribed = subscriptionsOf(node).first;
  };

  const shell = new Shell(rig);
  await shell.sees('> ');
  const home = shell.shortIdOf('home');
  shell.types('mesh create fam');
  await shell.sees('mesh create fam');
  await subscribed;
  await (await laptop.open()).startNetwork();
  const peer = toHex(laptop.nodeId).slice(0, 8);
  await shell.sees(`\r\u001b[J"lap\\u{202e}top" (${peer}) is online, mesh ${home}\n`);
  await shell.sees(`lattice:${home}> mesh create fam`);
  shell.types('ily\r');
  await shell.sees(' family');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('a value of several lines is typed as one', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create\rput note "one\r');
  await shell.sees('...> ');
  shell.types('two"\rget note\r');
  await shell.sees('one\ntwo\n');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('every key that list shows can be typed back', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create\r');
  for (const key of ['"\\xff\\xc3 A"', '"--all"', '"#1"', '"a \\" b"']) {
    shell.types(`put ${key} "\\xfe"\rlist\r`);
    await shell.sees(`${key} = "\\xfe"\n`);
    shell.types(`get ${key} --json\r`);
    await shell.sees('{"base64":"/g=="}');
    shell.types(`delete ${key}\rlist\rnode status\r`);
    await shell.sees('selected');
  }
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('the prompt shows the store where that is not main', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create home\r');
  await shell.sees('Made the mesh ');
  const home = shell.shortIdOf('home');
  await shell.sees(`lattice:${home}> `);
  shell.types('store create --name "my notes"\rstore use "my notes"\r');
  await shell.sees(`lattice:${home}/"my notes"> `);
  shell.types('store use main\r');
  await shell.sees(`lattice:${home}> `);
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('Tab completes commands and keys, and shows what there is to choose from', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create\rput "user/a b" 1\rput user/c 2\r');
  shell.types('ge\tu\t\t');
  await shell.sees('"user/a b"  user/c');
  await shell.sees('> get user/');
  shell.types('c\t\r');
  await shell.sees('2\n');
  shell.types('mesh in\t--\t');
  await shell.sees('--store');
  await shell.sees('> mesh invite --');
  shell.types('\u0003\u0004');
  assert.equal(await shell.status, 0);
});

test('lines are kept for the next shell, but for secrets', async (context) => {
  const first = new Shell(new Rig(context));
  await first.sees('lattice:no-mesh> ');
  first.types('mesh list\rmesh join lattice1abcdefgh\r mesh list --json\r');
  await first.sees('[]');
  first.types('\u0004');
  assert.equal(await first.status, 0);
  assert.equal(readFileSync(join(first.rig.folder, 'data', 'shell-history'), 'utf8'), 'mesh list\n');

  const second = new Shell(first.rig);
  await second.sees('lattice:no-mesh> ');
  second.types('\u001b[A');
  await second.sees('mesh list');
  second.types('\r');
  await second.sees('No mesh yet');
  second.types('\u0004');
  assert.equal(await second.status, 0);
});

test('help in the shell is short, and points on', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('help\r');
  await shell.sees('Keys and values  put, get, delete, list');
  await shell.sees('`help <command>` explains one');
  shell.types('exit\r');
  assert.equal(await shell.status, 0);
});

test('a terminal that goes away closes the node', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.rig.interrupt();
  assert.equal(await shell.status, 0);
  assert.ok(!shell.rig.machine.isOpen);
});

test('a network that cannot start is said, and does not matter', async (context) => {
  const rig = new Rig(context);
  rig.machine.networkFailure = new Error('the port is in use');
  const shell = new Shell(rig);
  await shell.sees('This node stays offline: the port is in use');
  shell.types('mesh create home\r');
  await shell.sees('Made the mesh ');
  await shell.sees(`lattice:${shell.shortIdOf('home')}> `);
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('the shell asks before what cannot be undone, and takes no line typed ahead for the answer', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create home\r');
  await shell.sees('Made the mesh ');
  await shell.sees(`lattice:${shell.shortIdOf('home')}> `);
  shell.types('store delete main\rmain\r');
  await shell.sees('Type its name to confirm: ');
  shell.types('\u0003');
  await shell.sees('error: Not confirmed');
  await shell.sees('> ');
  // As terminals do, Ctrl-C drops what was typed ahead.
  assert.ok(!shell.seen.includes('no command "main"'));
  shell.types('store delete main\r');
  await shell.sees('Type its name to confirm: ');
  shell.types('main\r');
  await shell.sees('Deleted the store main');
  await shell.sees('> ');
  // The answer is no command to come back to.
  shell.types('\u001b[A');
  await shell.sees('store delete main');
  shell.types('\u0003store list\r');
  await shell.sees('No store yet');
  shell.types('mesh leave --force\r');
  await shell.sees('Leave? [y/N] ');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
  assert.equal(((await shell.rig.json('mesh', 'list')) as unknown[]).length, 1);
});

/** The shell on a terminal that the test types at and looks at. */
class Shell {
  readonly status: Promise<number>;
  readonly #keyboard = Object.assign(new PassThrough(), { isTTY: true });
  /** All that was ever shown. */
  seen = '';
  #screen = '';
  #onChange: () => void = () => undefined;

  constructor(readonly rig: Rig) {
    const screen = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#screen += chunk.toString();
        this.seen += chunk.toString();
        this.#onChange();
        done();
      },
    });
    const terminal = Object.assign(screen, { isTTY: true, columns: 120 });
    const dataDir = join(rig.folder, 'data');
    mkdirSync(dataDir, { recursive: true });
    this.status = main(['--data-dir', dataDir], {
      ...this.rig.surroundings({ env: { NO_COLOR: '1' } }, terminal, terminal),
      stdin: this.#keyboard,
    });
  }

  /** Of a mesh, as the shell shows it. */
  shortIdOf(mesh: string): string {
    return this.rig.node.mesh(mesh).uuid.slice(0, 8);
  }

  types(keys: string): void {
    this.#keyboard.write(keys);
  }

  /** Resolves when the text shows, after what was seen before. */
  async sees(text: string): Promise<void> {
    for (;;) {
      const at = this.#screen.indexOf(text);
      if (at !== -1) {
        this.#screen = this.#screen.slice(at + text.length);
        return;
      }
      await new Promise<void>((resolve) => (this.#onChange = resolve));
    }
  }
}
