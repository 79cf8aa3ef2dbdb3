import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Machine } from '../support/machine.js';
import { refused } from '../support/refused.js';

test('what is typed wrongly is told from what is refused, and the nearest thing is suggested', async (context) => {
  const machine = new Machine(context);
  const mistakes: readonly (readonly [argv: readonly string[], says: RegExp])[] = [
    [['psut', 'key', 'value'], /no command "psut": did you mean `put`\?/],
    [['mesh', 'crate'], /no command "mesh crate": did you mean `mesh create`\?/],
    [['stor', 'list'], /did you mean `store list`\?/],
    [['store'], /`store` is several commands: create, /],
    [['xyzzy'], /no command "xyzzy": `help` lists them/],
    [['put', 'key'], /`put` needs <value>: put <key> <value>/],
    [['get', 'two', 'words'], /no use for "words" \(quote what contains spaces\)/],
    [['put', 'key', 'value', '--fast'], /no option --fast/],
    [['list', '--revers'], /no option --revers: did you mean --reverse\?/],
    [['get', 'key', '--limit', '3'], /`get` has no option --limit/],
    [['list', '--limit', 'many'], /"many".*a whole number/],
    [['get', 'key', '--store'], /--store needs/],
    [['get', 'key', '--log-level', 'loud'], /"loud" is no log level: choose one of debug/],
    [['daemon', '--bind', 'nowhere'], /"nowhere" is not an address to listen on.*as 127\.0\.0\.1:4001/],
  ];
  for (const [argv, says] of mistakes) await refused(machine, argv, 2, says);
});

test('ids that name nothing, or more than one thing, are told with what there is', async (context) => {
  const machine = await machineWithMesh(context);
  await refused(machine, ['get', 'key', '--mesh', 'nope'], 1, /no mesh "nope".*mesh list/);
  await refused(machine, ['get', 'key', '--store', 'nope'], 1, /no store "nope".*store list/);
  await refused(machine, ['mesh', 'revoke', 'nope', '--yes'], 1, /no member "nope".*mesh peers/);
  const names = Array.from({ length: 17 }, (_, i) => `store ${i}`);
  for (const name of names) await machine.json('store', 'create', '--name', name);
  const stores = (await machine.json('store', 'list')) as readonly { storeId: string; name: string }[];
  const beginsLike = (id: string) => stores.filter(({ storeId }) => storeId[0] === id[0]);
  const shared = stores.find(({ storeId }) => beginsLike(storeId).length > 1)?.storeId;
  assert(shared, '18 ids begin with 16 digits');
  const ids = beginsLike(shared).map(({ storeId }) => storeId);
  const { stderr } = await machine.run('store', 'use', shared.slice(0, 1));
  for (const id of ids) assert.match(stderr, new RegExp(`may be any of .*${id}.*give more of the id`));
});

test('keys and values over the bounds, or empty, are refused; what fits to the byte is not', async (context) => {
  const machine = await machineWithMesh(context);
  await refused(machine, ['put', '', 'value'], 1, /key cannot be empty/);
  await refused(machine, ['put', 'k'.repeat(1_025), 'value'], 1, /1024 bytes, this one has 1025/);
  const large = new Uint8Array(256 * 1024 + 1).fill(0x61);
  const { status, stderr } = await machine.runWith(large, 'put', 'key', '-');
  assert.match(stderr, /256 KiB|262,?144 bytes/);
  assert.equal(status, 1);
  await refused(machine, ['get', 'key'], 1, /no key key/);

  assert.equal((await machine.runWith(large.subarray(1), 'put', 'k'.repeat(1_024), '-')).status, 0);
  await machine.json('put', 'empty', '');
  assert.equal((await machine.run('get', 'empty')).stdout, '\n');
});

test('a line of a file that is no record stops the whole file, by its number', async (context) => {
  const machine = await machineWithMesh(context);
  const record = (n: number) => `${JSON.stringify({ key: `key ${n}`, value: `${n}` })}\n`;
  const bad = [
    '{"key":"a" "value":1}',
    '{"value":"1"}',
    '{"key":"","value":"1"}',
    'null',
    '{"key":"a","value":{"base64":"***"}}',
  ];
  for (const line of bad) {
    const file = machine.write('bad.ndjson', record(1) + record(2) + `${line}\n` + record(4));
    await refused(machine, ['import', file], 1, /^error: Line 3 .*Nothing of the file was written\.\n$/);
  }
  assert.deepEqual(await machine.json('list'), []);
});

async function machineWithMesh(context: TestContext): Promise<Machine> {
  const machine = new Machine(context);
  await machine.json('mesh', 'create', 'home');
  await machine.startDaemon();
  return machine;
}
