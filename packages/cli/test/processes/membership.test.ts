import assert from 'node:assert/strict';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Machine } from './support/machine.js';
import { converged, joined, pair } from './support/pair.js';
import { until } from './support/until.js';

interface Peer {
  readonly nodeId: string;
  readonly status: string;
  readonly online: boolean;
  readonly self: boolean;
}

const peersOf = async (machine: Machine) => (await machine.json('mesh', 'peers')) as readonly Peer[];
const selfOf = async (machine: Machine) =>
  ((await machine.json('node', 'status')) as { nodeId: string }).nodeId;

test('the inviter is gone, and the third joins through the second', async (context) => {
  const [first, second] = await pair(context);
  await first.json('put', 'greeting', 'hello');
  await second.untilHas('greeting', 'hello');
  const { token } = (await first.json('mesh', 'invite')) as { token: string };
  await converged(first, second);
  await untilKnowsInvite(first, second);
  await first.stopDaemon();

  const third = new Machine(context);
  await third.json('mesh', 'join', token);
  assert.equal(((await third.json('get', 'greeting')) as { value: string }).value, 'hello');
  await third.startDaemon();
  await third.json('put', 'third', 'was here');
  await second.untilHas('third', 'was here', 1_000);
  await first.startDaemon();
  await first.untilHas('third', 'was here');
});

test('a revoked node is refused and receives no more; what it wrote beyond the cut-off disappears', async (context) => {
  const [first, second] = await pair(context);
  const third = await joined(context, first);
  await third.startDaemon();
  await third.json('put', 'kept', 'by the third');
  for (const machine of [first, second]) await machine.untilHas('kept', 'by the third');

  // While the first is away, the third writes on, and the second gets it.
  await first.stopDaemon();
  await third.json('put', 'cut', 'by the third');
  await second.untilHas('cut', 'by the third');
  await second.stopDaemon();
  await third.stopDaemon();
  await first.startDaemon();
  await first.json('mesh', 'revoke', await selfOf(third), '--yes');
  await second.startDaemon();
  await until(
    async () => (await second.peek('cut')) === undefined,
    30_000,
    () => 'the cut-off did not reach the second',
  );
  assert.equal(await second.peek('kept'), 'by the third');
  await converged(first, second);

  await third.startDaemon();
  await first.json('put', 'secret', 'among members');
  await second.untilHas('secret', 'among members');
  const { status } = await third.run('get', 'secret');
  assert.equal(status, 1);
  const revoked = (await peersOf(first)).find(({ status: standing }) => standing === 'revoked');
  assert.deepEqual([revoked?.nodeId, revoked?.online], [await selfOf(third), false]);
});

test('an invite lets one node join: not another, and not with a changed token', async (context) => {
  const first = new Machine(context);
  await first.json('mesh', 'create');
  await first.startDaemon();
  const { token } = (await first.json('mesh', 'invite')) as { token: string };
  const second = new Machine(context);
  const altered = await second.run('mesh', 'join', `${token.slice(0, -1)}${token.endsWith('a') ? 'b' : 'a'}`);
  assert.equal(altered.status, 1);
  assert.match(altered.stderr, /token/i);
  await second.json('mesh', 'join', token);
  await second.json('mesh', 'join', token);
  const late = await new Machine(context).run('mesh', 'join', token);
  assert.equal(late.status, 1);
  assert.match(late.stderr, /used/);
});

test('a store is deleted for both, and a member leaves: nothing of either stays on its disk', async (context) => {
  const [first, second] = await pair(context);
  const { storeId } = (await first.json('store', 'create', '--name', 'notes')) as { storeId: string };
  const namesOf = async (machine: Machine) =>
    ((await machine.json('store', 'list')) as { name: string }[]).map(({ name }) => name);
  await until(
    async () => (await namesOf(second)).includes('notes'),
    10_000,
    () => 'the store did not come',
  );
  await first.json('store', 'delete', 'notes', '--yes');
  assert.ok(!existsSync(join(first.dataDir, 'stores', storeId)));
  await until(
    async () => !(await namesOf(second)).includes('notes'),
    10_000,
    () => 'the deletion did not come',
  );
  const { warnings } = (await second.json('node', 'status')) as { warnings: string[] };
  assert.match(warnings.join(), /"notes" was deleted by/);

  await second.json('put', 'key', 'by the second');
  const { told } = (await second.json('mesh', 'leave', '--yes')) as { told: boolean };
  assert.ok(told);
  assert.deepEqual(readdirSync(join(second.dataDir, 'stores')), []);
  await first.untilHas('key', 'by the second');
  assert.deepEqual(
    (await peersOf(first)).map(({ status }) => status).toSorted((a, b) => (a < b ? -1 : 1)),
    ['left', 'member'],
  );
  const { token } = (await first.json('mesh', 'invite')) as { token: string };
  const again = await second.run('mesh', 'join', token);
  assert.match(again.stderr, /^error: This node has left that mesh/);
});

/** The mesh's own store is not selected by name: that both agree on its members shows that the invite has arrived. */
async function untilKnowsInvite(first: Machine, second: Machine): Promise<void> {
  await until(
    async () => (await first.meshDigest()) === (await second.meshDigest()),
    10_000,
    () => 'the invite did not arrive',
  );
}
