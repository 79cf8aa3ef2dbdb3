import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { toHex, utf8 } from '@lattice/model';
import { Rig } from '../rig.js';

test('history draws who wrote what, heads and merges marked, and says what is in conflict', async (context) => {
  const rig = await conflictedRig(context);
  assert.deepEqual(linesOf((await rig.run(['history'])).stdout), [
    '*    desk      put a = "of the desk"',
    '├─*  laptop    put a = "of the laptop"',
    'o    desk      put a = first',
  ]);
  const ran = await rig.run(['history', 'a']);
  assert.deepEqual(linesOf(ran.stdout), [
    '*    desk      (in conflict, wins) put "of the desk"',
    '├─*  laptop    (in conflict) put "of the laptop"',
    'o    desk      put first',
  ]);
  assert.equal(ran.stderr, '2 heads: the next write of the key settles the conflict.\n');
});

test('history in JSON: of a key its versions, of a store its entries', async (context) => {
  const rig = await conflictedRig(context);
  await rig.run(['import', '-'], {
    stdin: '{"key":"x","value":"1"}\n{"key":"y","value":{"base64":"/w=="}}\n',
  });
  const [desk, laptop] = ['desk', 'laptop'].map((name) => toHex(rig.nodes.machine(name).nodeId));
  const versions = (await rig.json('history', 'a')) as Record<string, unknown>[];
  const [first, second, third] = versions.map(({ entry }) => entry);
  assert.match(String(first), /^[0-9a-f]{64}$/);
  const at = (seconds: number) => `2025-01-01T00:00:0${seconds}.000Z`;
  assert.deepEqual(versions, [
    {
      entry: first,
      author: desk,
      seq: 2,
      time: versions[0]?.time,
      op: 'put',
      value: 'of the desk',
      deps: [third],
      head: true,
    },
    {
      entry: second,
      author: laptop,
      seq: 1,
      time: versions[1]?.time,
      op: 'put',
      value: 'of the laptop',
      deps: [third],
      head: true,
    },
    { entry: third, author: desk, seq: 1, time: at(2), op: 'put', value: 'first', deps: [], head: false },
  ]);
  const entries = (await rig.json('history')) as Record<string, unknown>[];
  assert.deepEqual(
    entries.slice(1).map(({ entry }) => entry),
    [first, second, third],
  );
  const [batch] = entries;
  assert.deepEqual(batch, {
    entry: batch?.entry,
    author: desk,
    seq: 3,
    time: batch?.time,
    op: 'batch',
    key: null,
    value: null,
    operations: [
      { op: 'put', key: 'x', value: '1' },
      { op: 'put', key: 'y', value: { base64: '/w==' } },
    ],
    operationCount: 2,
    deps: [first, second],
    head: true,
    counts: true,
    forked: false,
    replaced: false,
  });
  const { key, value, counts, forked } = entries[3] ?? {};
  assert.deepEqual({ key, value, counts, forked }, { key: 'a', value: 'first', counts: true, forked: false });
  assert.deepEqual(await rig.json('history', 'never'), []);
  assert.equal(((await rig.json('history', '--limit', '2')) as unknown[]).length, 2);
});

test('history shows the latest on a terminal, all elsewhere, and what it is told to', async (context) => {
  const rig = await rigWithMesh(context);
  const lines = Array.from({ length: 130 }, (_, i) => `put a ${i}\n`).join('');
  await rig.run([], { stdin: lines });
  assert.equal(linesOf((await rig.run(['history'])).stdout).length, 130);
  const onTerminal = await rig.run(['history'], { terminal: true, env: { NO_COLOR: '1' } });
  assert.equal(linesOf(onTerminal.stdout).length, 100);
  assert.match(onTerminal.stderr, /the latest 100: see --limit and --all/);
  for (const line of onTerminal.stdout.split('\n')) assert(line.length <= 80, line);
  const all = await rig.run(['history', '--all'], { terminal: true, env: { NO_COLOR: '1' } });
  assert.deepEqual([linesOf(all.stdout).length, all.stderr], [130, '']);
  assert.equal(linesOf((await rig.run(['history', '--limit', '7'])).stdout).length, 7);
  for (const wrong of ['0', '-1', 'x', '1.5', ''])
    assert.equal((await rig.run(['history', `--limit=${wrong}`])).status, 2, wrong);
  assert.equal((await rig.run(['history', '--all', '--limit', '1'])).status, 2);
});

test('history of nothing says so', async (context) => {
  const rig = await rigWithMesh(context);
  assert.deepEqual(await rig.run(['history']), {
    status: 0,
    stdout: '',
    stderr: 'Nothing was written to this store yet.\n',
  });
  assert.equal((await rig.run(['history', 'a b'])).stderr, 'Nobody has written "a b" yet.\n');
});

test('history does not let what others wrote drive the terminal', async (context) => {
  const rig = await rigWithMesh(context);
  await rig.run(['put', 'a\u001b[2J', 'b\u202e\u0007']);
  for (const argv of [['history'], ['history', 'a\u001b[2J']]) {
    const { stdout } = await rig.run(argv);
    for (const hidden of ['\u001b', '\u202e', '\u0007']) assert(!stdout.includes(hidden), stdout);
    assert.match(stdout, /\\u\{7\}/);
  }
});

test('store author-state tells how far each author is and, with -a, what it has seen', async (context) => {
  const rig = await conflictedRig(context);
  await rig.run(['put', 'b', 'sees both']);
  const { stdout } = await rig.run(['store', 'author-state', '-a']);
  assert.match(stdout, /^author {2}id {8}entries {2}last {6}time$/m);
  assert.match(stdout, /^desk {4}[0-9a-f]{8} {2}3 /m);
  assert.match(stdout, /^laptop .*1 of 3/m);
  assert.match(stdout, /^desk .* all/m);
  const authors = (await rig.json('store', 'author-state', '--all')) as Record<string, unknown>[];
  const [desk, laptop] = ['desk', 'laptop'].map((name) => toHex(rig.nodes.machine(name).nodeId));
  const ofDesk = authors.find(({ author }) => author === desk);
  assert.deepEqual(
    { ...ofDesk, tip: 0, time: 0 },
    { author: desk, seq: 3, tip: 0, time: 0, forks: [], seen: [{ author: laptop, seq: 1, of: 1 }] },
  );
  const plain = (await rig.json('store', 'author-state')) as Record<string, unknown>[];
  assert.deepEqual(
    plain.map((author) => Object.keys(author)),
    Array.from({ length: 2 }, () => ['author', 'seq', 'tip', 'time', 'forks']),
  );
  const status = (await rig.json('store', 'status')) as { conflicts: number };
  assert.equal(status.conflicts, 1);
});

async function rigWithMesh(context: TestContext): Promise<Rig> {
  const rig = new Rig(context);
  await rig.json('mesh', 'create');
  return rig;
}

/** The desk and the laptop have written "a" without knowing of each other, the desk later. */
async function conflictedRig(context: TestContext): Promise<Rig> {
  const rig = await rigWithMesh(context);
  await rig.run(['put', 'a', 'first']);
  await rig.letIn('laptop');
  await rig.alone('laptop', (kv) => kv.put(utf8('a'), utf8('of the laptop')));
  await rig.run(['put', 'a', 'of the desk']);
  await rig.nodes.meet('desk', 'laptop');
  return rig;
}

/** Without what differs from run to run: ids and times. */
function linesOf(text: string): readonly string[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) =>
    line.replace(/[0-9a-f]{8} {2}/, '').replace(/\d{4}-\d\d-\d\d \d\d:\d\d {2}/, ''),
  );
}
