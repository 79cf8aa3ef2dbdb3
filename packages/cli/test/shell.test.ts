import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { main } from '@lattice/cli';
import type { Mesh } from '@lattice/node';
import { Rig } from './rig.js';

test('the prompt shows the mesh, and Ctrl-D leaves', async (context) => {
  const shell = new Shell(context);
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create family\r');
  await shell.sees('Made the mesh 01010101 family');
  await shell.sees('lattice:01010101> ');
  shell.types('put a "1 2"\rget a\r');
  await shell.sees('1 2\n');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
  assert.ok(shell.rig.node.isClosed);
});

test('quit leaves, and a mistake does not', async (context) => {
  const shell = new Shell(context);
  await shell.sees('lattice:no-mesh> ');
  shell.types('mehs create\r');
  await shell.sees('error: There is no command "mehs": did you mean `mesh create`?');
  shell.types('put "a\r');
  await shell.sees('error: A " has no other " that closes it');
  shell.types('quit\r');
  assert.equal(await shell.status, 0);
});

test('Ctrl-C cancels the command that runs, and not the shell', async (context) => {
  const shell = new Shell(context);
  await shell.sees('lattice:no-mesh> ');
  let joining = (): void => undefined;
  const began = new Promise<void>((resolve) => (joining = resolve));
  shell.rig.node.joinMesh = (_token, options?: { readonly signal?: AbortSignal }) =>
    new Promise<Mesh>((_resolve, reject) => {
      options?.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
      joining();
    });
  shell.types('mesh join ticket\r');
  await began;
  shell.types('\u0003');
  await shell.sees('error: The command was cancelled.');
  shell.types('mesh list\r');
  await shell.sees('No mesh yet');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('Ctrl-C at the prompt empties the line', async (context) => {
  const shell = new Shell(context);
  await shell.sees('lattice:no-mesh> ');
  shell.types('mesh create nev\u0003mesh create never\u0003');
  shell.types('node status\r');
  await shell.sees('selected   no mesh');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
  assert.equal(shell.rig.node.meshes().length, 0);
});

test('an event shows above the line that is being typed', async (context) => {
  const shell = new Shell(context);
  await shell.sees('lattice:no-mesh> ');
  const { node } = shell.rig;
  shell.types('mesh create fam');
  await shell.sees('mesh create fam');
  const mesh = await node.createMesh();
  while (node.subscribers === 0) await new Promise((resolve) => setImmediate(resolve));
  node.emit({ kind: 'peer-online', mesh: mesh.id, peer: node.id, name: 'lap\u001b[2Jtop' });
  await shell.sees('\r\u001b[K"lap\\u{1b}[2Jtop" (a1a1a1a1) is online, mesh 01010101\n');
  await shell.sees('lattice:no-mesh> mesh create fam');
  shell.types('ily\r');
  await shell.sees('Made the mesh 03030303 family');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

test('a terminal that goes away closes the node', async (context) => {
  const shell = new Shell(context);
  await shell.sees('lattice:no-mesh> ');
  shell.rig.interrupt();
  assert.equal(await shell.status, 0);
  assert.ok(shell.rig.node.isClosed);
});

test('a network that cannot start is said, and does not matter', async (context) => {
  const shell = new Shell(context, (rig) => {
    rig.node.startNetwork = () => Promise.reject(new Error('the port is in use'));
  });
  await shell.sees('This node stays offline: the port is in use');
  shell.types('mesh create\r');
  await shell.sees('lattice:01010101> ');
  shell.types('\u0004');
  assert.equal(await shell.status, 0);
});

/** The shell on a terminal that the test types at and looks at. */
class Shell {
  readonly rig: Rig;
  readonly status: Promise<number>;
  readonly #keyboard = Object.assign(new PassThrough(), { isTTY: true });
  #screen = '';
  #onChange: () => void = () => undefined;

  constructor(context: TestContext, prepare: (rig: Rig) => void = () => undefined) {
    this.rig = new Rig(context);
    prepare(this.rig);
    const screen = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.#screen += chunk.toString();
        this.#onChange();
        done();
      },
    });
    const terminal = Object.assign(screen, { isTTY: true, columns: 120 });
    this.status = main([], { ...this.rig.surroundings({}, terminal, terminal), stdin: this.#keyboard });
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
