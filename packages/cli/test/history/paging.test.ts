import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { openPager, type Pager, printPaged, Writer } from '@lattice/cli/testing';
import { assert as must, LatticeError } from '@lattice/model';
import { Collector } from '../rig.js';

describe('long output', () => {
  test('goes to a pager once it is more than the screen, whole and in order', async () => {
    const { screen, pager, print } = paging(5);
    await print(4);
    assert.deepEqual([screen.text, pager.opened], [linesTo(4), 0]);
    await print(6);
    assert.deepEqual([screen.text, pager.text, pager.closed], [linesTo(4), linesTo(6), 1]);
  });

  test('is printed as it is where there is no pager', async () => {
    const screen = terminal(5);
    await printPaged(lines(50), {
      stdout: new Writer(screen, plain),
      openPager: async () => undefined,
      signal: never,
    });
    assert.equal(screen.text, linesTo(50));
    const pipe = new Collector();
    await printPaged(lines(50), { stdout: new Writer(pipe, plain), openPager: undefined, signal: never });
    assert.equal(pipe.text, linesTo(50));
  });

  test('stops coming when the reader leaves the pager', async (context) => {
    const { file, pager } = await realPager(context, (path) => `head -n 2 > ${path}`);
    let asked = 0;
    async function* endless() {
      for (;;) yield `${asked++} ${'x'.repeat(10_000)}`;
    }
    await assert.rejects(
      printPaged(endless(), {
        stdout: new Writer(terminal(3), plain),
        openPager: async () => pager,
        signal: never,
      }),
      (error) => error instanceof LatticeError && error.code === 'output-closed',
    );
    assert.equal(readFileSync(file, 'utf8').split('\n').length, 3);
  });

  test('that Ctrl-C stops is no failure in a pager, which is waited for', async () => {
    const stop = new AbortController();
    const { pager, screen } = paging(3);
    async function* interrupted() {
      for (let i = 0; i < 10; i++) yield `${i}`;
      stop.abort();
      throw new LatticeError('aborted', 'Cancelled.');
    }
    const openFake = async () => pager.open();
    await printPaged(interrupted(), {
      stdout: new Writer(screen, plain),
      openPager: openFake,
      signal: stop.signal,
    });
    assert.deepEqual([pager.closed, pager.text.split('\n').length], [1, 11]);
  });
});

describe('a pager', () => {
  test('is what PAGER says, a line of the system’s shell if need be', async (context) => {
    for (const command of ['tee', 'cat | tee'] as const) {
      const { file, pager } = await realPager(context, (path) => `${command} ${path} > /dev/null`);
      await pager.output.write('one\n');
      await pager.output.write('two\n');
      await pager.close();
      assert.equal(readFileSync(file, 'utf8'), 'one\ntwo\n');
    }
  });

  test('is none where none is wanted or there', async () => {
    for (const PAGER of ['', 'cat', '/nowhere/less', 'no-such-program -x'])
      assert.equal(await openPager({ ...process.env, PAGER }), undefined, PAGER);
  });

  test('that the shell cannot run says what to do', async () => {
    const pager = await openPager({ ...process.env, PAGER: 'no-such-program 2>/dev/null' });
    must(pager, 'the shell is there');
    const isPagerFailed = (error: unknown) => error instanceof LatticeError && error.code === 'pager-failed';
    await assert.rejects(pager.close(), isPagerFailed);
  });
});

const plain = { env: {} };
const never = new AbortController().signal;

/** A screen, and a pager that keeps what it is given. */
function paging(rows: number) {
  const screen = terminal(rows);
  const pager = new FakePager();
  const options = { stdout: new Writer(screen, plain), openPager: async () => pager.open(), signal: never };
  return { screen, pager, print: (count: number) => printPaged(lines(count), options) };
}

class FakePager {
  opened = 0;
  closed = 0;
  readonly #content = new Collector();

  get text(): string {
    return this.#content.text;
  }

  open(): Pager {
    this.opened++;
    const close = async () => void this.closed++;
    return { output: new Writer(this.#content, plain), close };
  }
}

async function realPager(context: TestContext, command: (file: string) => string) {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-pager-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'shown');
  const pager = await openPager({ ...process.env, PAGER: command(file) });
  must(pager, 'the shell is there');
  return { file, pager };
}

function terminal(rows: number): Collector & { readonly rows: number } {
  return Object.assign(new Collector(true), { rows });
}

async function* lines(count: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) yield `line ${i}`;
}

function linesTo(count: number): string {
  return Array.from({ length: count }, (_, i) => `line ${i}\n`).join('');
}
