import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { LiveTerminal } from '../support/live-terminal.js';
import { Machine } from '../support/machine.js';
import { refused } from '../support/refused.js';

const skip = spawnSync('script', ['--version']).status === 0 ? false : 'install util-linux for its "script"';

test('a second daemon is told who runs the node, and the first goes on', async (context) => {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.startDaemon();
  await refused(machine, ['daemon'], 1, /Process \d+ already runs the node in .*--data-dir/);
  await machine.json('put', 'key', 'value');
  assert.equal(await machine.peek('key'), 'value');
});

test('a port that is in use is named, and the node works without a network', async (context) => {
  const [first, second] = [new Machine(context), new Machine(context)];
  await first.json('mesh', 'create', 'home');
  await first.startDaemon();
  const { addresses } = (await first.json('node', 'status')) as { addresses: readonly string[] };
  const address = addresses.find((one) => one.startsWith('127.0.0.1:'));
  assert(address);
  const port = address.split(':')[1] ?? '';
  const says = new RegExp(
    `UDP port ${port} on 127\\.0\\.0\\.1 is in use by another program: choose another port`,
  );
  await refused(second, ['daemon', '--bind', address], 1, says);
  await second.json('mesh', 'create', 'other');
  await second.json('put', 'key', 'value');
});

test(
  'a terminal that is closed in the middle of a command leaves what was acknowledged, whole',
  { skip },
  async (context) => {
    const machine = new Machine(context);
    await machine.json('mesh', 'create', 'home');
    const record = (n: number) => JSON.stringify({ key: `key ${n}`, value: 'v'.repeat(1_000) });
    const file = machine.write(
      'many.ndjson',
      Array.from({ length: 50_000 }, (_, n) => `${record(n)}\n`).join(''),
    );
    const env = { ...process.env, LATTICE_BIND: '127.0.0.1:0', NO_COLOR: '1' };
    const shell = new LiveTerminal(context, './lattice --data-dir data', {
      cwd: dirname(machine.dataDir),
      env,
    });
    await shell.shows(/^lattice:[0-9a-f]{8}>$/);
    shell.type(`import ${file}\r`);
    await shell.shows(/^imported [1-9]/);
    await shell.close();
    const keys = (await machine.json('list', '--keys')) as readonly { key: string }[];
    assert(keys.length > 0 && keys.length < 50_000, `${keys.length} keys`);
    const numbers = keys.map(({ key }) => Number(key.split(' ')[1])).sort((a, b) => a - b);
    assert.deepEqual(
      numbers,
      Array.from(numbers, (_, n) => n),
      'what came is the beginning of the file',
    );
    await machine.json('import', file);
    assert.equal(((await machine.json('list', '--keys')) as readonly unknown[]).length, 50_000);
  },
);
