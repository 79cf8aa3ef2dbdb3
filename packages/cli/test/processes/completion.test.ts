import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { Machine } from './support/machine.js';

test('Tab knows the keys of a node that runs, and starts none that does not', async (context) => {
  const machine = new Machine(context);
  const program = join(dirname(machine.dataDir), 'lattice');
  const complete = (...words: string[]) => {
    const options = { env: { ...process.env, LATTICE_DATA_DIR: machine.dataDir }, encoding: 'utf8' } as const;
    const { status, stdout, stderr } = spawnSync(program, ['complete-words', ...words], options);
    return { status, stdout, stderr };
  };
  const silence = { status: 0, stdout: '', stderr: '' };
  assert.deepEqual(complete('get', ''), silence);
  assert.ok(!existsSync(machine.dataDir), 'no data directory was made');

  await machine.json('mesh', 'create');
  await machine.json('put', 'user/ada', '1');
  assert.deepEqual(complete('get', 'us'), silence);
  await machine.startDaemon();
  assert.deepEqual(complete('get', 'us'), { ...silence, stdout: 'user/ada\n' });
  await machine.stopDaemon('SIGKILL');
  assert.deepEqual(complete('get', 'us'), silence);
});
