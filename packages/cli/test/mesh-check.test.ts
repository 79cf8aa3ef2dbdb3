import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rig } from './rig.js';

test('mesh check says that all is well, and mesh rebuild changes nothing of it', async (context) => {
  const rig = await rigWithStores(context);
  const { stdout, status } = await rig.run(['mesh', 'check']);
  assert.equal(
    stdout,
    'All is well: 3 entries in 3 bundles, 3 signatures; the state is what the log says.\n',
  );
  assert.equal(status, 0);
  assert.equal(
    (await rig.run(['mesh', 'rebuild'])).stdout,
    'Computed what the mesh says of members and stores anew from 3 entries.\n',
  );
  assert.equal((await rig.run(['mesh', 'check'])).status, 0);
  assert.equal((await rig.run(['get', 'key', '--store', 'third'])).stdout, 'value\n');
});

test('what the mesh has lost is told with what to do, which is refused while it would forget something', async (context) => {
  const rig = await rigWithStores(context);
  await damageSecond(rig);
  const { stdout, status } = await rig.run(['mesh', 'check']);
  assert.equal(status, 1);
  assert.match(stdout, /^log-damaged at log offset \d+\n {2}.*see `help mesh rebuild` for --accept-loss/m);
  const { stderr, status: refused } = await rig.run(['mesh', 'rebuild']);
  assert.equal(refused, 1);
  assert.match(stderr, /The log has lost 2 entries that the state still shows: .* Nothing was changed\./);
  const { stdout: storesThere } = await rig.run(['store', 'list']);
  for (const name of ['main', 'second', 'third']) assert.match(storesThere, new RegExp(name));
});

test('what the mesh was gone on without is told of from then on', async (context) => {
  const rig = await rigWithStores(context);
  await damageSecond(rig);
  const { stdout } = await rig.run(['mesh', 'rebuild', '--accept-loss']);
  assert.equal(
    stdout,
    'Computed what the mesh says of members and stores anew from 1 entry. 1 entry of this node that went on from what was lost was issued again.\n',
  );
  const told = /^given up: 1 damaged place of the log; 1 entry of the state; by --accept-loss at \d{4}-\S+$/m;
  for (const command of ['status', 'check']) {
    const { stdout: shown, status } = await rig.run(['mesh', command]);
    assert.equal(status, 0);
    assert.match(shown, told);
  }
  const { acceptedLosses } = (await rig.json('mesh', 'status')) as { acceptedLosses: { at: string }[] };
  const [loss] = acceptedLosses;
  assert.deepEqual({ ...loss, at: '' }, { at: '', places: 1, lost: 1, givenUp: 0 });
  const stores = (await rig.json('store', 'list')) as { name: string }[];
  assert.deepEqual(stores.map(({ name }) => name).sort(), ['main', 'third']);
  assert.equal((await rig.run(['get', 'key', '--store', 'third'])).stdout, 'value\n');
});

async function rigWithStores(context: ConstructorParameters<typeof Rig>[0]): Promise<Rig> {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  for (const name of ['second', 'third']) await rig.json('store', 'create', '--name', name);
  await rig.json('put', 'key', 'value', '--store', 'third');
  return rig;
}

/** The record that made the second store. */
async function damageSecond(rig: Rig): Promise<void> {
  const { meshId } = (await rig.json('mesh', 'status')) as { meshId: string };
  const stored = rig.machine.disk.stores.get(meshId);
  assert.ok(stored);
  stored.log.damage([...stored.log.itemsFrom(0)][1]?.offset ?? 0);
}
