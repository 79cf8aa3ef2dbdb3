import assert from 'node:assert/strict';
import { PassThrough, Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { type Completed, LineEditor, type ReadResult } from '@lattice/cli/testing';
import { Rig } from './rig.js';
import { VirtualScreen } from './virtual-screen.js';

const prompts = { first: 'lattice:no-mesh> ', next: '            ...> ' };
const [up, down, left, home, end] = ['\u001b[A', '\u001b[B', '\u001b[D', '\u001b[H', '\u001b[F'];
const [ctrlC, ctrlD, ctrlK, ctrlR, ctrlU, ctrlW, ctrlY] = [
  '\u0003',
  '\u0004',
  '\u000b',
  '\u0012',
  '\u0015',
  '\u0017',
  '\u0019',
];

test('what is typed is read, and corrected as in other shells', async (context) => {
  const cases: readonly (readonly [keys: string, line: string])[] = [
    ['put a 1', 'put a 1'],
    [`ab${left}c`, 'acb'],
    [`bc${home}a${end}d`, 'abcd'],
    ['abx\u007fc', 'abc'],
    [`put one two${ctrlW}${ctrlW}2`, 'put 2'],
    [`put a${ctrlU}get b`, 'get b'],
    [`abcd${left}${left}${ctrlK}${home}${ctrlY}`, 'cdab'],
    ['e\u0301x\u007f\u007fa', 'a'],
    [`👩‍👩‍👧b${left}${left}a`, 'a👩‍👩‍👧b'],
    ['a b\u001f', 'a'],
    ['a\u001b[99~\u0000b', 'ab'],
  ];
  for (const [keys, line] of cases) {
    const terminal = new Terminal(context);
    terminal.types(`${keys}\r`);
    assert.deepEqual(await terminal.read(), { kind: 'line', text: line }, JSON.stringify(keys));
  }
});

test('what is typed before anybody reads is read later', async (context) => {
  const terminal = new Terminal(context);
  terminal.types('one\rtwo\rthr');
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'one' });
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'two' });
  const third = terminal.read();
  terminal.types('ee\r');
  assert.deepEqual(await third, { kind: 'line', text: 'three' });
});

test('an open quote goes on in the next line, and all of it can be edited', async (context) => {
  const terminal = new Terminal(context);
  terminal.types('put a "x\r');
  const read = terminal.read();
  await terminal.shows(['lattice:no-mesh> put a "x', '            ...>']);
  terminal.types(`y"${up}z\r`);
  assert.deepEqual(await read, { kind: 'line', text: 'puzt a "x\ny"' });
});

test('pasted text is one text, whatever is in it', async (context) => {
  const terminal = new Terminal(context);
  terminal.types('put a "\u001b[200~one\r\ttwo\rthree\u0003\u001b[201~"');
  const read = terminal.read();
  await terminal.shows([
    'lattice:no-mesh> put a "one',
    '            ...>     two',
    '            ...> three"',
  ]);
  terminal.types('\r');
  assert.deepEqual(await read, { kind: 'line', text: 'put a "one\n\ttwo\nthree"' });
});

test('Ctrl-C drops all that was typed, and Ctrl-D ends only where nothing was', async (context) => {
  const terminal = new Terminal(context);
  const dropped = terminal.read();
  terminal.types(`put "a\rb${ctrlC}`);
  assert.deepEqual(await dropped, { kind: 'interrupted', wasEmpty: false });
  const read = terminal.read();
  terminal.types(`a${ctrlD}${home}${ctrlD}\r`);
  assert.deepEqual(await read, { kind: 'line', text: '' });
  terminal.types(ctrlD);
  assert.deepEqual(await terminal.read(), { kind: 'end' });
});

test('a question is answered by what is typed after it, and by one line', async (context) => {
  const terminal = new Terminal(context, ['earlier']);
  terminal.types('typed ahead\r');
  const stop = new AbortController();
  const answer = terminal.editor.ask('Sure? ', stop.signal);
  terminal.types(`${up}"yes\t\r`);
  assert.equal(await answer, '"yes');
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'typed ahead' });
  const none = terminal.editor.ask('Sure? ', stop.signal);
  terminal.types(`y${ctrlC}`);
  assert.equal(await none, undefined);
  assert.equal(terminal.interrupts, 1);
  const late = terminal.editor.ask('Sure? ', stop.signal);
  stop.abort();
  assert.equal(await late, undefined);
  assert.equal(terminal.interrupts, 1);
});

test('a line that is not finished when the terminal goes away is dropped', async (context) => {
  const terminal = new Terminal(context);
  const read = terminal.read();
  terminal.types('delete everything');
  await terminal.shows(['lattice:no-mesh> delete everything']);
  terminal.keyboard.end();
  assert.deepEqual(await read, { kind: 'end' });
  assert.equal(terminal.gone, 1);
});

test('up and down go through earlier lines that begin so, and back to what was typed', async (context) => {
  const terminal = new Terminal(context, ['get b', 'put a 1', 'get a']);
  terminal.types(`get ${up}${up}${up}\r`);
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'get a' });
  terminal.types(`ge${up}${up}${down}${down}x\r`);
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'gex' });
});

test('an earlier text of several lines comes back whole', async (context) => {
  const terminal = new Terminal(context, ['put a "x\ny"', 'get a']);
  terminal.types(`${up}${up}${up}\r`);
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'get a' });
  terminal.types(`${up}\r`);
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'put a "x\ny"' });
});

test('Ctrl-R finds earlier lines by what they contain', async (context) => {
  const terminal = new Terminal(context, ['get b', 'put apple 1', 'list', 'put app 2']);
  terminal.types(`${ctrlR}app`);
  const read = terminal.read();
  await terminal.shows(['(search: app) put apple 1']);
  terminal.types(ctrlR);
  await terminal.shows(['(search: app) put app 2']);
  terminal.types(`${end}2\r`);
  assert.deepEqual(await read, { kind: 'line', text: 'put app 22' });
  terminal.types(`mine${ctrlR}nothing\u0007\r`);
  assert.deepEqual(await terminal.read(), { kind: 'line', text: 'mine' });
});

test('Tab puts in what is certain, shows what is not, and keys wait for it', async (context) => {
  const terminal = new Terminal(context);
  const answers: Completed[] = [
    { replaced: 'g', text: 'get', isWhole: true, choices: '' },
    { replaced: '', text: '', isWhole: false, choices: 'one  two' },
  ];
  terminal.complete = async () => {
    await Promise.resolve();
    return answers.shift() ?? assert.fail('asked too often');
  };
  terminal.types('g\t');
  const read = terminal.read();
  await terminal.shows(['lattice:no-mesh> get']);
  terminal.types('\tx\r');
  assert.deepEqual(await read, { kind: 'line', text: 'get x' });
  assert.deepEqual(terminal.screen.rows.slice(0, 2), ['one  two', 'lattice:no-mesh> get x']);
});

test('Tab shows the same choices again only after something else was done', async (context) => {
  const terminal = new Terminal(context);
  terminal.complete = async () => ({ replaced: '', text: '', isWhole: false, choices: 'one  two' });
  const read = terminal.read();
  terminal.types('\t\t\t');
  await terminal.shows(['one  two', 'lattice:no-mesh>']);
  terminal.types('x\t\r');
  assert.deepEqual(await read, { kind: 'line', text: 'x' });
  assert.deepEqual(terminal.screen.rows.slice(0, 3), ['one  two', 'one  two', 'lattice:no-mesh> x']);
});

test('Tab within quotes leaves no second one', async (context) => {
  const terminal = new Terminal(context);
  terminal.complete = async () => ({ replaced: '"a', text: '"a b"', isWhole: true, choices: '' });
  terminal.types(`get "a"${left}\t`);
  const read = terminal.read();
  await terminal.shows(['lattice:no-mesh> get "a b"']);
  terminal.types('\r');
  assert.deepEqual(await read, { kind: 'line', text: 'get "a b" ' });
});

test('Ctrl-C does not wait for a completion that does not come', async (context) => {
  const terminal = new Terminal(context);
  let wasAborted = false;
  terminal.complete = (_text, signal) =>
    new Promise(() => signal.addEventListener('abort', () => (wasAborted = true)));
  const read = terminal.read();
  terminal.types(`get \t`);
  await terminal.shows(['lattice:no-mesh> get']);
  terminal.types(ctrlC);
  assert.deepEqual(await read, { kind: 'interrupted', wasEmpty: false });
  assert.ok(wasAborted);
});

test('what happens meanwhile shows above a line of several rows, wherever the cursor is', async (context) => {
  const terminal = new Terminal(context, [], 30);
  const read = terminal.read();
  terminal.types(`put key "a value that wraps and\rgoes on"${up}${left}`);
  const line = ['lattice:no-mesh> put key "a va', 'lue that wraps and', '            ...> goes on"'];
  await terminal.shows(line);
  const at = terminal.screen.cursor;
  terminal.editor.showAbove('a peer came');
  assert.deepEqual(terminal.screen.rows, ['a peer came', ...line]);
  assert.deepEqual(terminal.screen.cursor, [at[0] + 1, at[1]]);
  terminal.types('\r');
  await read;
  terminal.editor.showAbove('another');
  assert.deepEqual(terminal.screen.rows.slice(-2), ['another', '']);
});

test('a terminal that changes its width gets the line anew', async (context) => {
  const terminal = new Terminal(context, [], 60);
  const read = terminal.read();
  terminal.types('put a 0123456789012345678901234567890123456789');
  await terminal.shows(['lattice:no-mesh> put a 0123456789012345678901234567890123456', '789']);
  terminal.resize(80);
  await terminal.shows(['lattice:no-mesh> put a 0123456789012345678901234567890123456789']);
  terminal.types('\r');
  await read;
});

test('a terminal that knows its size or its cursor not is written to all the same', async (context) => {
  const terminal = new Terminal(context, [], 0, { TERM: 'dumb' });
  const read = terminal.read();
  terminal.types('get aa\u007f\r');
  assert.deepEqual(await read, { kind: 'line', text: 'get a' });
  assert.ok(!terminal.written.includes('\u001b'));
});

/** The editor on a terminal that the test types at and looks at. */
class Terminal {
  readonly keyboard = new PassThrough();
  readonly screen: VirtualScreen;
  readonly editor: LineEditor;
  written = '';
  gone = 0;
  interrupts = 0;
  isComplete = (text: string) => text.split('"').length % 2 === 1;
  complete: (text: string, signal: AbortSignal) => Promise<Completed> = () =>
    assert.fail('Tab was not pressed');
  readonly #output: Writable & { columns: number };
  #onChange: () => void = () => undefined;

  constructor(
    context: TestContext,
    history: readonly string[] = [],
    columns = 80,
    env: Readonly<Record<string, string>> = {},
  ) {
    this.screen = new VirtualScreen(columns === 0 ? 80 : columns);
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        this.written += chunk.toString();
        this.screen.write(chunk.toString());
        this.#onChange();
        done();
      },
    });
    this.#output = Object.assign(output, { columns, isTTY: true });
    const rig = new Rig(context);
    this.editor = new LineEditor({
      surroundings: { ...rig.surroundings({ env }, this.#output, this.#output), stdin: this.keyboard },
      history,
      isComplete: (text) => this.isComplete(text),
      complete: (text, signal) => this.complete(text, signal),
      onInterrupt: () => this.interrupts++,
      onGone: () => this.gone++,
    });
  }

  types(keys: string): void {
    this.keyboard.write(keys);
  }

  read(): Promise<ReadResult> {
    return this.editor.read(prompts);
  }

  resize(columns: number): void {
    this.screen.resize(columns);
    this.#output.columns = columns;
    this.#output.emit('resize');
  }

  /** Resolves when the rows are these. */
  async shows(rows: readonly string[]): Promise<void> {
    while (this.screen.rows.join('\n') !== rows.join('\n'))
      await new Promise<void>((resolve) => (this.#onChange = resolve));
  }
}
