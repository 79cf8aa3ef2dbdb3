import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Machine } from './support/machine.js';
import { converged, pair } from './support/pair.js';
import { until } from './support/until.js';

const keys = 20_000;

/** An import large enough to be cut off in the middle of it. */
function startImport(machine: Machine): ChildProcess {
  const file = join(machine.dataDir, '..', 'many.ndjson');
  const line = (i: number) =>
    `${JSON.stringify({ key: `key-${String(i).padStart(6, '0')}`, value: `${i} `.repeat(20) })}\n`;
  writeFileSync(file, Array.from({ length: keys }, (_, i) => line(i)).join(''));
  return machine.start('--json', 'import', file);
}

async function countKeys(machine: Machine): Promise<number> {
  return ((await machine.json('list', 'key-')) as unknown[]).length;
}

async function untilEntries(machine: Machine, some: number): Promise<void> {
  await until(
    async () => (await machine.holds()).entries >= some,
    30_000,
    () => 'the import did not begin',
  );
}

test('kill -9 of the importing side loses nothing that was acknowledged, and both converge', async (context) => {
  const [first, second] = await pair(context);
  await first.json('put', 'acknowledged', 'before the import');
  const importing = startImport(first);
  await untilEntries(first, 5);
  await first.stopDaemon('SIGKILL');
  await once(importing, 'close');

  await first.startDaemon();
  assert.equal(((await first.json('get', 'acknowledged')) as { value: string }).value, 'before the import');
  const survived = await countKeys(first);
  await converged(first, second);
  assert.equal(await countKeys(second), survived);
  // The same import again completes what was cut off.
  const again = startImport(first);
  const [status] = (await once(again, 'close')) as [number];
  assert.equal(status, 0);
  await converged(first, second);
  assert.equal(await countKeys(second), keys);
});

for (const side of ['receiving', 'sending'] as const) {
  test(`kill -9 of the ${side} side in the middle of a sync: the rest follows after a restart`, async (context) => {
    const [first, second] = await pair(context);
    await second.stopDaemon();
    const [status] = (await once(startImport(first), 'close')) as [number];
    assert.equal(status, 0);
    await second.startDaemon();
    await untilEntries(second, 2);
    const killed = side === 'receiving' ? second : first;
    await killed.stopDaemon('SIGKILL');
    await killed.startDaemon();
    await converged(first, second);
    assert.equal(await countKeys(second), keys);
  });
}
