import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { silentLogger } from '@lattice/model';
import { openIrohThread } from '@lattice/net';
import { endings } from './support/endings.js';
import { bindIrohThread } from './support/iroh.js';

const endingChild = fileURLToPath(new URL('./support/ending-child.js', import.meta.url));
const openingChild = fileURLToPath(new URL('./support/opening-child.js', import.meta.url));
/** The thread has an endpoint some 100 ms after it was asked for; later on a machine that is busy. */
const moments = Array.from({ length: 16 }, (_, i) => 20 + i * 15);

for (const [how, status] of endings)
  test(`a process ends as it means to while its thread moves bytes: ${how}`, { timeout: 60_000 }, async () =>
    assert.deepEqual(await endOf(endingChild, how), { code: status, signal: null }),
  );

test(
  'a process ends as it means to while its thread is being started, at any moment',
  { timeout: 60_000 },
  async () => {
    for (const afterMs of moments)
      assert.deepEqual(await endOf(openingChild, `${afterMs}`), { code: 0, signal: null }, `${afterMs} ms`);
  },
);

test('what cannot be bound is said', async () => {
  const taken = await bindIrohThread();
  const [port] = taken.address().direct.map((socket) => Number(socket.split(':').at(-1)));
  const options = { seed: randomBytes(32), alpn: 'lattice-test/1', relay: 'off' };
  const bind = [{ host: '127.0.0.1', port: port ?? 0 }];
  await assert.rejects(openIrohThread({ ...options, bind }, silentLogger), { code: 'port-in-use' });
  await assert.rejects(openIrohThread({ ...options, bind, relay: 'nowhere' }, silentLogger), {
    code: 'invalid-relay',
  });
  await taken[Symbol.asyncDispose]();
});

async function endOf(
  child: string,
  argument: string,
): Promise<{ code: number | null; signal: string | null }> {
  // So the binding answers what fails some 100 ms of a processor later: that may be no way to have the process aborted.
  const env = { ...process.env, RUST_BACKTRACE: '1' };
  const running = spawn(process.execPath, [child, argument], { stdio: 'ignore', env });
  const [code, signal] = (await once(running, 'exit')) as [number | null, string | null];
  return { code, signal };
}
