import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { utf8 } from '@lattice/model';
import { Rig } from './rig.js';
import { watching } from './watching.js';

test('what is appended is what tail prints, a line each', async (context) => {
  const rig = await rigWithLog(context);
  writeFileSync(join(rig.folder, 'file'), 'two\nlines');
  assert.deepEqual(await rig.run(['append', 'hello, world']), { status: 0, stdout: '', stderr: '' });
  await rig.run(['append', '@file']);
  await rig.run(['append', '-'], { stdin: 'piped' });
  await rig.run(['append', '@ada', '--literal']);
  await rig.run(['append', '']);
  await rig.run(['append', '-'], { stdin: Uint8Array.of(0x1b, 0xff) });
  const { stdout } = await rig.run(['tail']);
  assert.deepEqual(stdout.split('\n'), [
    'hello, world',
    '"two\\nlines"',
    'piped',
    '@ada',
    '',
    '"\\u{1b}\\xff"',
    '',
  ]);
  assert.equal((await rig.run(['tail', '-n', '4'])).stdout.split('\n')[0], 'piped');
});

test('tail prints the last ten, unless told how many', async (context) => {
  const rig = await rigWithLog(context);
  for (let i = 1; i <= 12; i++) await rig.run(['append', `${i}`]);
  const lines = async (...argv: string[]) => (await rig.run(['tail', ...argv])).stdout.trim().split('\n');
  assert.deepEqual(await lines(), ['3', '4', '5', '6', '7', '8', '9', '10', '11', '12']);
  assert.deepEqual(await lines('--lines', '2'), ['11', '12']);
  assert.equal((await lines('-n', '100')).length, 12);
  const refused = await rig.run(['tail', '-n', 'all']);
  assert.equal(refused.status, 2);
  assert.match(refused.stderr, /--lines/);
});

test('with --json every item has its position, which is the one that append printed', async (context) => {
  const rig = await rigWithLog(context);
  const { position } = (await rig.json('append', 'hello')) as { position: string };
  const item = (await rig.json('tail')) as Record<string, unknown>;
  const { nodeId } = (await rig.json('node', 'status')) as { nodeId: string };
  assert.deepEqual(Object.keys(item), ['position', 'time', 'author', 'value', 'late']);
  assert.deepEqual([item.position, item.author, item.value, item.late], [position, nodeId, 'hello', false]);
  assert.match(position, /^[0-9a-f]{152}$/);
});

test('tail -f goes on with what comes, and says what belongs before what is printed already', async (context) => {
  const rig = await rigWithLog(context);
  await rig.letIn('laptop');
  await rig.run(['append', 'before']);
  rig.nodes.nowMs += 1_000;
  await rig.nodes.alone('laptop', async (node) => {
    await node.meshes()[0]?.store('events').log().append(utf8('while apart'));
  });
  await rig.run(['append', 'here']);
  const options = { terminal: true, env: { NO_COLOR: '1' } };
  const tail = watching(rig, ['tail', '-f', '-n', '1'], options);
  await tail.until((text) => text.includes('\n'));
  await rig.nodes.meet('desk', 'laptop');
  await tail.until((text) => text.includes('late'));
  rig.interrupt();
  assert.equal(await tail.status, 0);
  const [first = '', second = ''] = tail.stdout.text.split('\n');
  assert.match(first, /^2025-01-01T00:00:\d\d.000Z [0-9a-f]{8} {2}here$/);
  assert.match(second, /Z [0-9a-f]{8} {2}while apart \(late\)$/);
  assert.equal((await rig.run(['tail'])).stdout, 'before\nwhile apart\nhere\n');

  const [, cursor = ''] =
    /^Following until Ctrl-C\.\nTo go on from here:\ntail --since ([0-9a-f]+)\n$/.exec(tail.stderr.text) ??
    [];
  assert.notEqual(cursor, '', tail.stderr.text);
  await rig.run(['append', 'next']);
  const again = watching(rig, ['--json', 'tail', '--since', cursor]);
  await again.until((text) => text.includes('\n'));
  rig.interrupt();
  await again.status;
  const { value, late } = JSON.parse(again.stdout.text) as { value: string; late: boolean };
  assert.deepEqual([value, late], ['next', false]);
});

test('a tail that has to begin anew says so, and prints all items', async (context) => {
  const rig = await rigWithLog(context);
  await rig.run(['append', 'a']);
  const first = watching(rig, ['--json', 'tail', '-f']);
  await first.until((text) => text.split('\n').length > 2);
  rig.interrupt();
  await first.status;
  const { cursor } = JSON.parse(first.stdout.text.trim().split('\n').at(-1) ?? '') as { cursor: string };
  await rig.run(['append', 'b']);
  for (const { state } of rig.machine.disk.stores.values()) state.tables.clear();
  const tail = watching(rig, ['tail', '--since', cursor]);
  await tail.until((text) => text.split('\n').length > 2);
  rig.interrupt();
  await tail.status;
  assert.equal(tail.stdout.text, 'a\nb\n');
  assert.match(tail.stderr.text, /built anew: forget what was printed before/);
});

test('commands for keys leave a log alone, and those for logs a key-value store, and say so', async (context) => {
  const rig = await rigWithLog(context);
  writeFileSync(join(rig.folder, 'one.ndjson'), '{"key":"a","value":"1"}\n');
  const forKeys = [
    ['put', 'key', 'value'],
    ['get', 'key'],
    ['delete', 'key'],
    ['list'],
    ['history', 'key'],
    ['watch'],
    ['export'],
    ['import', 'one.ndjson'],
  ];
  for (const argv of forKeys) {
    const { status, stderr } = await rig.run(argv);
    assert.equal(status, 1, argv.join(' '));
    assert.match(stderr, /"events" is of type "log", not a key-value store: choose another with --store\./);
  }
  for (const argv of [['append', 'x'], ['tail'], ['tail', '-f']]) {
    const { status, stderr } = await rig.run([...argv, '--store', 'main']);
    assert.equal(status, 1, argv.join(' '));
    assert.match(stderr, /"main" is of type "kv", not a log: choose another with --store\./);
  }
  for (const store of ['main', 'events']) {
    const { entries } = (await rig.json('store', 'status', '--store', store)) as { entries: number };
    assert.equal(entries, 0, store);
  }
});

test('history says what was appended', async (context) => {
  const rig = await rigWithLog(context);
  await rig.run(['append', 'the kettle is on']);
  assert.match((await rig.run(['history'])).stdout, /append "the kettle is on"\n$/);
});

/** A rig whose selected store is a log, "events". */
async function rigWithLog(context: TestContext): Promise<Rig> {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'home']);
  await rig.run(['store', 'create', '--type', 'log', '--name', 'events']);
  await rig.run(['store', 'use', 'events']);
  return rig;
}
