import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rig } from './rig.js';

test('store check says that all is well, and store rebuild changes nothing of it', async (context) => {
  const rig = await rigWithKeys(context);
  const { stdout, status } = await rig.run(['store', 'check']);
  assert.equal(
    stdout,
    'All is well: 3 entries in 3 bundles, 3 signatures; the state is what the log says.\n',
  );
  assert.equal(status, 0);
  assert.equal((await rig.run(['store', 'rebuild'])).stdout, 'Computed the state anew from 3 entries.\n');
  assert.equal((await rig.run(['get', 'b'])).stdout, '2\n');
  assert.equal((await rig.run(['store', 'check'])).status, 0);
});

test('what is wrong with the state is told with what to do, and is mended by that', async (context) => {
  const rig = await rigWithKeys(context);
  flipInState(rig);
  const { stdout, status } = await rig.run(['store', 'check']);
  assert.equal(status, 1);
  const [first, second, third] = stdout.split('\n');
  assert.equal(first, '1 problem: verified 3 entries in 3 bundles, 3 signatures.');
  assert.match(second ?? '', /^state-differs at state [0-9a-f]+$/);
  assert.match(third ?? '', /has another value here than the log makes: run `store rebuild`\.$/);
  assert.equal((await rig.run(['store', 'rebuild'])).status, 0);
  assert.equal((await rig.run(['store', 'check'])).status, 0);
});

test('what is wrong with the log is told, too, in JSON', async (context) => {
  const rig = await rigWithKeys(context);
  const [, item] = [...mainStoreOf(rig).log.itemsFrom(0)];
  assert.ok(item?.kind === 'record');
  item.record[item.record.length - 1] = (item.record.at(-1) ?? 0) ^ 1;
  const { stdout, stderr, status } = await rig.run(['--json', 'store', 'check']);
  assert.equal(status, 1, stderr);
  const report = JSON.parse(stdout) as {
    entries: number;
    compared: boolean;
    problemCount: number;
    problems: { kind: string; where: string; message: string }[];
  };
  assert.deepEqual(
    [report.entries, report.compared, report.problemCount],
    [2, false, 2],
    'the last entry waits for the one that cannot be believed',
  );
  const [wrong, missing] = report.problems;
  assert.equal(wrong?.kind, 'signature-wrong');
  assert.equal(wrong.where, `log offset ${item.offset}`);
  assert.match(
    wrong.message,
    /when a member that has it is online .*, run `store rebuild`, and then `store sync`/,
  );
  assert.equal(missing?.kind, 'ancestor-missing');
});

test('what was given up is told of from then on', async (context) => {
  const rig = await rigWithKeys(context);
  const { log } = mainStoreOf(rig);
  log.damage([...log.itemsFrom(0)][1]?.offset ?? 0);
  const { stdout: done, status: ended } = await rig.run(['store', 'rebuild', '--accept-loss']);
  assert.equal(ended, 0);
  assert.match(done, / 1 entry of this node that went on from what was lost was issued again\.$/m);
  assert.equal((await rig.run(['get', 'c'])).stdout, '3\n', 'which it was the last to say');
  const told = /^given up: 1 damaged place of the log; 1 entry of the state; by --accept-loss at \d{4}-\S+$/m;
  for (const argv of [
    ['store', 'status'],
    ['store', 'check'],
  ]) {
    const { stdout, status } = await rig.run(argv);
    assert.equal(status, 0);
    assert.match(stdout, told);
  }
  const { acceptedLosses } = (await rig.json('store', 'status')) as { acceptedLosses: { at: string }[] };
  const [loss] = acceptedLosses;
  assert.deepEqual({ ...loss, at: '' }, { at: '', places: 1, lost: 1, givenUp: 0 });
});

test('Ctrl-C ends a check', async (context) => {
  const rig = await rigWithKeys(context);
  const checking = rig.run(['store', 'check']);
  rig.interrupt();
  assert.equal((await checking).status, 130);
});

async function rigWithKeys(context: ConstructorParameters<typeof Rig>[0]): Promise<Rig> {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  for (const [i, key] of ['a', 'b', 'c'].entries()) await rig.json('put', key, String(i + 1));
  return rig;
}

/** On the disk: the one store that is not the mesh's own, which has more entries in its state than this one. */
function mainStoreOf({ machine: { disk } }: Rig) {
  const found = [...disk.stores.values()].find(({ log }) => [...log.itemsFrom(0)].length === 3);
  return found ?? assert.fail('the store main has three records');
}

function flipInState(rig: Rig): void {
  const { tables } = mainStoreOf(rig).state;
  const tree = [...tables].find(([name, { size }]) => name.startsWith('state-') && size > 0)?.[1];
  const key = tree?.minKey();
  const value = key && tree?.get(key)?.slice();
  assert.ok(tree && key && value);
  value[0] = (value[0] ?? 0) ^ 1;
  tree.set(key, value);
}
