import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { Machine } from './support/machine.js';
import { converged, joined, pair } from './support/pair.js';

interface NodeStatus {
  readonly nodeId: string;
  readonly warnings: readonly string[];
}

const rounds = 4;
const skip = process.platform === 'win32' && 'has no cp -a';

test(
  'a cloned data directory whose twin keeps writing is noticed, forks, converges, and is a node of its own once rotated',
  { skip },
  async (context) => {
    const [first, second] = await pair(context);
    await second.json('put', 'before', '1');
    await first.untilHas('before', '1');
    await second.stopDaemon();
    const twin = cloned(context, second);
    const { nodeId, warnings } = await statusOf(twin);
    assert.match(warnings.join('\n'), /^This data directory was copied: "\S+" holds the same node\./);
    assert.deepEqual((await statusOf(second)).warnings, []);

    for (const [machine, name] of [
      [second, 'original'],
      [twin, 'twin'],
    ] as const) {
      await machine.json('put', 'key', name);
      await machine.json('put', name, '1');
    }
    // One key, so one at a time: two that are reached by it would take each other's place.
    await second.startDaemon();
    await converged(first, second);
    await second.stopDaemon();
    await twin.startDaemon();
    await converged(first, twin);
    await twin.stopDaemon();
    await second.startDaemon();
    await converged(first, second);
    for (const machine of [first, twin]) await assertForked(machine, nodeId);

    const { nodeId: ownId } = (await twin.json('node', 'rotate', '--yes')) as NodeStatus;
    assert.notEqual(ownId, nodeId);
    await twin.startDaemon();
    for (let round = 0; round < 2; round++) {
      await twin.json('put', `twin ${round}`, '1');
      await second.json('put', `original ${round}`, '1');
      await converged(first, second, twin);
    }
    await assertForked(first, nodeId);
    assert.deepEqual((await statusOf(twin)).warnings, []);
    const keys = ((await first.json('list')) as { key: string }[]).map(({ key }) => key);
    assert.equal(keys.length, 8);
  },
);

test('a restored backup that is rotated before it writes goes on beside the original without any fork', async (context) => {
  const [first, second] = await pair(context);
  await second.json('put', 'before', '1');
  await first.untilHas('before', '1');
  const folder = join(second.folder, 'backup');
  await second.json('backup', folder);
  await second.json('put', 'since', '1');
  const restored = new Machine(context);
  await restored.json('restore', folder);
  await restored.json('node', 'rotate', '--yes');
  await restored.json('put', 'restored', '1');
  await restored.startDaemon();
  await second.json('put', 'after', '1');
  await converged(first, second, restored);
  for (const machine of [first, second, restored]) {
    const { forkedAuthors } = (await machine.json('store', 'status')) as {
      forkedAuthors: readonly unknown[];
    };
    assert.deepEqual(forkedAuthors, []);
  }
  assert.equal(((await restored.json('list')) as unknown[]).length, 4);
});

test('a rotation that is killed at any step leaves a node that is whole, as the one or as the other', async (context) => {
  const first = new Machine(context);
  await first.json('mesh', 'create', 'home');
  await first.startDaemon();
  const node = await joined(context, first);
  const ids = new Set([(await statusOf(first)).nodeId, (await statusOf(node)).nodeId]);
  const steps = await killed(node, Infinity);
  assert(steps >= rounds, 'a rotation takes some steps');
  for (let round = 0; round < rounds; round++) {
    ids.add((await statusOf(node)).nodeId);
    await killed(node, Math.ceil((steps * (2 * round + 1)) / (2 * rounds)));
    await node.json('put', `round ${round}`, '1');
  }
  ids.add((await statusOf(node)).nodeId);
  await node.json('node', 'rotate', '--yes');
  ids.add((await statusOf(node)).nodeId);
  await node.startDaemon();
  await converged(first, node);
  const peers = (await first.json('mesh', 'peers')) as { nodeId: string; status: string }[];
  assert.deepEqual(new Set(peers.map(({ nodeId }) => nodeId)), ids, 'no key was let in that was not used');
  assert.equal(((await first.json('list')) as unknown[]).length, rounds);
});

/** As `cp -a` makes it. */
function cloned(context: TestContext, machine: Machine): Machine {
  const twin = new Machine(context);
  execFileSync('cp', ['-a', machine.dataDir, twin.dataDir]);
  return twin;
}

async function statusOf(machine: Machine): Promise<NodeStatus> {
  return (await machine.json('node', 'status')) as NodeStatus;
}

/** Two branches of that author, wherever one looks, and both are there. */
async function assertForked(machine: Machine, author: string): Promise<void> {
  const status = (await machine.json('store', 'status')) as { forkedAuthors: readonly unknown[] };
  assert.deepEqual(status.forkedAuthors, [{ author, branches: 2 }]);
  assert.match(
    (await machine.run('store', 'author-state')).stdout,
    new RegExp(`${author.slice(0, 8)}[^]*  fork$`, 'm'),
  );
  assert.match((await machine.run('history')).stdout, /\(fork\) put key = (?:twin|original)/);
  const { heads } = (await machine.json('get', 'key', '--all')) as { heads: readonly { value: string }[] };
  assert.deepEqual(new Set(heads.map(({ value }) => value)), new Set(['original', 'twin']));
}

/** Kills a rotation at the so many-th change that it makes in its data directory since it began; returns how many it made. */
async function killed(machine: Machine, atStep: number): Promise<number> {
  let steps = 0;
  const child = machine.start('node', 'rotate', '--yes');
  const watcher = watch(machine.dataDir, (_event, name) => {
    const hasBegun = steps > 0 || name?.startsWith('identity');
    if (hasBegun && ++steps === atStep) child.kill('SIGKILL');
  });
  await once(child, 'close');
  watcher.close();
  return steps;
}
