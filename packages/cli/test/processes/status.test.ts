import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Machine } from './support/machine.js';
import { pair } from './support/pair.js';
import { until } from './support/until.js';

interface Status {
  readonly verdict: { readonly state: string; readonly text: string };
}

const stateOf = async (machine: Machine) => ((await machine.json('status')) as Status).verdict.state;

test('status tells what is only here while the other is away, also without a daemon, and that all is well again', async (context) => {
  const [first, second] = await pair(context);
  const untilIs = (state: string, machine = first) =>
    until(
      async () => (await stateOf(machine)) === state,
      60_000,
      () => `the verdict did not become ${state}`,
    );
  await first.json('put', 'greeting', 'hello');
  await untilIs('in-sync');
  // Each says what it has within a second, and what it has not said by now the other does not know once it is away.
  await untilIs('in-sync', second);
  assert.equal((await first.run('status', '--check')).status, 0);

  await second.stopDaemon();
  assert.equal(await stateOf(second), 'offline');
  await first.json('put', 'only', 'here');
  await untilIs('only-here');
  await first.stopDaemon();
  const { status, stdout } = await first.run('status', '--check');
  assert.equal(status, 1);
  assert.match(
    stdout,
    /^Only here: 1 entry is on no other member[^]* offline: `lattice daemon` keeps it online/,
  );

  await Promise.all([first.startDaemon(), second.startDaemon()]);
  await untilIs('in-sync');
});
