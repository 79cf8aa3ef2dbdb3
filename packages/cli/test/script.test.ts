import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Rig } from './rig.js';

test('commands are read from standard input, one a line', async (context) => {
  const rig = new Rig(context);
  const stdin = 'mesh create home\n\n# a comment\nput greeting "hello, world"\r\nget greeting\nlist --json';
  const ran = await rig.run([], { stdin });
  assert.equal(ran.status, 0);
  const [made, greeting, list] = ran.stdout.trimEnd().split('\n');
  assert.match(made ?? '', /^Made the mesh home \(/);
  assert.equal(greeting, 'hello, world');
  assert.deepEqual(JSON.parse(list ?? ''), [{ key: 'greeting', value: 'hello, world', conflicted: false }]);
});

test('a command that fails does not stop the next, and decides the exit status', async (context) => {
  const rig = new Rig(context);
  const ran = await rig.run([], { stdin: 'mesh create\nget nope\nput a 1\nget a\n' });
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /\n1\n$/);
  assert.match(ran.stderr, /^error in line 2: There is no key nope/);
  assert.equal((await rig.run([], { stdin: 'get a\nput "\n' })).status, 2);
});

test('a line with --json fails with a document, and others with a sentence', async (context) => {
  const rig = new Rig(context);
  const stdin = 'mesh create\nget nope --json\nlist --nope --json\nget nope\n';
  const { stderr } = await rig.run([], { stdin });
  const [refused = '', wrong = '', said] = stderr.split('\n');
  assert.equal(JSON.parse(refused).error.code, 'key-not-found');
  assert.equal(JSON.parse(wrong).error.code, 'usage');
  assert.match(said ?? '', /^error in line 4: There is no key nope/);
});

test('quit ends the script', async (context) => {
  const rig = new Rig(context);
  const ran = await rig.run([], { stdin: 'mesh create\nquit\nput a 1\n' });
  assert.equal(ran.status, 0);
  assert.deepEqual(await rig.json('list'), []);
});

test('options of the start hold for every line, and lines may say otherwise', async (context) => {
  const rig = new Rig(context);
  const stdin = 'mesh create\nstore create --name notes\nput a 1\nput a 2 --store main\nget a';
  const ran = await rig.run(['--json', '--store', 'notes'], { stdin });
  const documents = ran.stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  assert.equal(documents.at(-1)?.value, '1');
  assert.equal((await rig.run(['get', 'a'])).stdout, '2\n');
});

test('what belongs to the start of a process is refused in a line', async (context) => {
  const rig = new Rig(context);
  for (const line of [
    'list --data-dir x',
    'list --bind 1',
    'list --relay off',
    'list --lan off',
    'import -',
    'daemon',
  ])
    assert.equal((await rig.run([], { stdin: line })).status, 2, line);
});

test('the network runs meanwhile, and nothing waits for it', async (context) => {
  const rig = new Rig(context);
  rig.machine.networkFailure = new Error('the port is in use');
  const ran = await rig.run([], { stdin: 'mesh create\nput a 1\nget a' });
  assert.equal(ran.status, 0);
  assert.match(ran.stdout, /\n1\n$/);
  assert.equal(ran.stderr, 'This node stays offline: the port is in use\n');
});

test('a line that is not UTF-8 is refused', async (context) => {
  const rig = new Rig(context);
  const ran = await rig.run([], { stdin: Uint8Array.of(0x70, 0xff) });
  assert.equal(ran.status, 2);
});
