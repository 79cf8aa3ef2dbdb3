import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Machine } from './support/machine.js';

test(
  'beside a daemon that was stopped, commands end with what to do, and work again when it goes on',
  { skip: process.platform === 'win32' && 'has no SIGSTOP' },
  async (context) => {
    const machine = new Machine(context);
    await machine.json('mesh', 'create', 'home');
    await machine.startDaemon();
    await machine.json('put', 'a', '1');

    const pid = machine.signalDaemon('SIGSTOP');
    const beganMs = performance.now();
    const [get, second] = await Promise.all([machine.run('get', 'a'), machine.run('daemon', '--json')]);
    // Five seconds, and what a busy machine takes to start and end a process.
    assert(performance.now() - beganMs < 30_000);
    for (const { status, stderr } of [get, second]) {
      assert.equal(status, 1, stderr);
      assert.match(stderr, new RegExp(`Process ${pid} runs this node and has not answered within 5 seconds`));
      assert.match(stderr, new RegExp(`\\(kill -CONT ${pid}\\)`));
    }
    assert.equal(JSON.parse(second.stderr).error.code, 'daemon-not-answering');

    machine.signalDaemon('SIGCONT');
    assert.equal((await machine.run('get', 'a')).stdout, '1\n');
  },
);

test('a daemon that died and left its socket is replaced by the next command', async (context) => {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.startDaemon();
  await machine.json('put', 'a', '1');
  await machine.stopDaemon('SIGKILL');
  assert.equal((await machine.run('get', 'a')).stdout, '1\n');
  await machine.startDaemon();
  assert.equal((await machine.run('get', 'a')).stdout, '1\n');
});
