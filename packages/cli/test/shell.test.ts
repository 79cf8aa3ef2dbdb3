import assert from 'node:assert/strict';
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
  await shell.sees(`${id} family`);
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
  shell.types('put "a\r');
  await shell.sees('error: A " has no other " that closes it');
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
  await shell.sees('error: The command was cancelled.');
  shell.types('mesh list\r');
  await shell.sees('No mesh yet');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('Ctrl-C at the prompt empties the line', async (context) => {
  const shell = new Shell(new Rig(context));
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create nev\u0003mesh create never\u0003');
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
  await shell.sees(`\r\u001b[K"lap\\u{202e}top" (${peer}) is online, mesh ${home}\n`);
  await shell.sees(`lattice:${home}> mesh create fam`);
  shell.types('ily\r');
  await shell.sees(' family');
  shell.types('\u0004');
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
  await shell.sees('error: There is no command "main"');
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
  #screen = '';
  #onChange: () => void = () => undefined;

  constructor(readonly rig: Rig) {
    const screen = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#screen += chunk.toString();
        this.#onChange();
        done();
      },
    });
    const terminal = Object.assign(screen, { isTTY: true, columns: 120 });
    this.status = main([], {
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
