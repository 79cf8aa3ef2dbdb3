import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { test } from 'node:test';
import { Machine } from './support/machine.js';
import { pair } from './support/pair.js';

interface Line {
  readonly cursor: string;
  readonly key?: string;
  readonly value?: string | null;
  readonly reset?: true;
}

test('a watch prints what peers write as it arrives, and ends well with Ctrl-C', async (context) => {
  const [first, second] = await pair(context);
  const watch = new WatchProcess(second.start('--json', 'watch', 'user/'));
  assert.deepEqual(Object.keys(await watch.next()), ['cursor']);
  await first.json('put', 'other', '1');
  await first.json('put', 'user/ann', '1');
  const line = await watch.next();
  assert.deepEqual(Object.keys(line), ['key', 'value', 'conflicted', 'author', 'time', 'cursor']);
  assert.deepEqual([line.key, line.value], ['user/ann', '1']);
  await first.json('delete', 'user/ann');
  assert.equal((await watch.next()).value, null);
  assert.deepEqual(await watch.interrupted(), { status: 0, stderr: '' });
});

test('a watch goes on from its cursor, and begins anew where the state is another one', async (context) => {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  const watch = new WatchProcess(machine.start('--json', 'watch'));
  const { cursor } = await watch.next();
  assert.equal((await watch.interrupted()).status, 0);
  for (const value of ['1', '2']) await machine.json('put', 'a', value);

  const again = new WatchProcess(machine.start('--json', 'watch', '--since', cursor));
  const line = await again.next();
  assert.deepEqual([line.key, line.value], ['a', '2']);
  await again.interrupted();
  machine.removeStates();
  const anew = new WatchProcess(machine.start('--json', 'watch', '--since', line.cursor));
  assert.deepEqual(await anew.next(), { reset: true, cursor: line.cursor });
  assert.equal((await anew.next()).key, 'a');
  await anew.interrupted();

  const { status, stderr } = await machine.run('watch', '--since', `${line.cursor}0`);
  assert.deepEqual([status, /leave it out/.test(stderr)], [1, true]);
});

test('a watch waits for a slow reader, who misses nothing, and ends quietly when the reader has gone', async (context) => {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.startDaemon();
  const slow = new WatchProcess(machine.start('--json', 'watch'));
  const gone = new WatchProcess(machine.start('--json', 'watch'));
  await slow.next();
  await gone.next();
  gone.child.stdout?.destroy();
  const keys = Array.from({ length: 3_000 }, (_, i) => `key ${i}`);
  const file = `${machine.dataDir}/keys.ndjson`;
  const lines = keys.map((key) => JSON.stringify({ key, value: 'v'.repeat(300) }));
  writeFileSync(file, lines.join('\n'));
  await machine.json('import', file);
  assert.deepEqual(await gone.ended(), { status: 0, stderr: '' });
  const told = new Set<string | undefined>();
  while (told.size < keys.length) told.add((await slow.next()).key);
  assert.deepEqual(told, new Set(keys));
  await slow.interrupted();
});

test('a watch says where to go on from when the daemon is stopped', async (context) => {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.startDaemon();
  const watch = new WatchProcess(machine.start('--json', 'watch'));
  const { cursor } = await watch.next();
  await machine.stopDaemon();
  const { status, stderr } = await watch.ended();
  const { error } = JSON.parse(stderr) as { error: { code: string; message: string } };
  assert.deepEqual([status, error.code], [1, 'daemon-gone']);
  assert.ok(error.message.includes(`watch --since ${cursor}`));
});

/** A `watch --json` under way, of which nothing is read that is not asked for. */
class WatchProcess {
  readonly #lines: AsyncIterator<string>;
  readonly #stderr: Buffer[] = [];
  readonly #closed: Promise<unknown[]>;

  constructor(readonly child: ChildProcess) {
    assert(child.stdout);
    child.stderr?.on('data', (chunk: Buffer) => this.#stderr.push(chunk));
    this.#closed = once(child, 'close');
    this.#lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  }

  async next(): Promise<Line> {
    const { value, done } = await this.#lines.next();
    assert(done !== true, `the watch ended: ${Buffer.concat(this.#stderr).toString()}`);
    return JSON.parse(value) as Line;
  }

  interrupted(): Promise<{ readonly status: unknown; readonly stderr: string }> {
    this.child.kill('SIGINT');
    return this.ended();
  }

  async ended(): Promise<{ readonly status: unknown; readonly stderr: string }> {
    const [status] = await this.#closed;
    // The workplace says where to listen, for processes that run the node.
    const stderr = Buffer.concat(this.#stderr)
      .toString()
      .replace(/^Another process runs the node.*\n/, '');
    return { status, stderr };
  }
}
