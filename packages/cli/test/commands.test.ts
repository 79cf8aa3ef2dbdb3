import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { diskDirectory } from '@lattice/daemon';
import { displayUtf8, LatticeError, toHex, utf8 } from '@lattice/model';
import type { Store } from '@lattice/node';
import { mainStore, Rig } from './rig.js';

test('put prints nothing, get prints the value and a line break', async (context) => {
  const rig = await rigWithMesh(context);
  assert.deepEqual(await rig.run(['put', 'a', 'hello']), { status: 0, stdout: '', stderr: '' });
  assert.deepEqual(await rig.run(['get', 'a']), { status: 0, stdout: 'hello\n', stderr: '' });
});

test('get prints exactly the bytes to a pipe, and nothing dangerous to a terminal', async (context) => {
  const rig = await rigWithMesh(context);
  await rig.run(['put', 'a', 'x\u001b[2Jy\nz']);
  assert.equal((await rig.run(['get', 'a'])).stdout, 'x\u001b[2Jy\nz\n');
  assert.equal((await rig.run(['get', 'a'], { terminal: true })).stdout, 'x\\u{1b}[2Jy\nz\n');
  const json = (await rig.run(['get', 'a', '--json'], { terminal: true })).stdout;
  assert.equal((JSON.parse(json) as { value: string }).value, 'x\u001b[2Jy\nz');
});

test('get of a key that is not there has exit status 1', async (context) => {
  const rig = await rigWithMesh(context);
  const ran = await rig.run(['get', 'a']);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /^error: There is no key a: .*\n$/);
});

test('get says on standard error when there is a conflict, and get --all shows every head', async (context) => {
  const rig = await rigWithMesh(context);
  await rig.letIn('laptop');
  await rig.alone('laptop', (kv) => kv.put(utf8('a'), utf8('two words')));
  await rig.run(['put', 'a', '1']);
  await rig.nodes.meet('desk', 'laptop');
  assert.deepEqual(await rig.run(['get', 'a']), {
    status: 0,
    stdout: '1\n',
    stderr: 'a is in conflict: 1 other head; see `get a --all`.\n',
  });
  await rig.run(['put', 'b', '1']);
  for (const limit of [[], ['--limit', '1']])
    assert.equal((await rig.run(['list', '--keys', '--conflicts', ...limit])).stdout, 'a\n');
  const { stdout } = await rig.run(['get', 'a', '--all']);
  assert.deepEqual(stdout.replaceAll(/ in [0-9a-f]{8}$/gm, ' in an entry').split('\n'), [
    `* 1  by ${shortIdOf(rig, 'desk')} at 2025-01-01T00:00:03.000Z in an entry`,
    `  "two words"  by ${shortIdOf(rig, 'laptop')} at 2025-01-01T00:00:02.000Z in an entry`,
    '',
  ]);
});

test('a key whose winner is a delete says what it conflicts with', async (context) => {
  const rig = await rigWithMesh(context);
  await rig.letIn('laptop');
  await rig.alone('laptop', (kv) => kv.put(utf8('a'), utf8('2')));
  await rig.run(['put', 'a', '1']);
  await rig.run(['delete', 'a']);
  await rig.nodes.meet('desk', 'laptop');
  const ran = await rig.run(['get', 'a']);
  assert.equal(ran.status, 1);
  assert.match(ran.stderr, /deleted, in conflict with 1 other write/);
  assert.equal((await rig.run(['get', 'a', '--all'])).status, 0);
});

test('list marks conflicts and quotes what needs it', async (context) => {
  const rig = await rigWithMesh(context);
  await rig.letIn('laptop');
  await rig.alone('laptop', (kv) => kv.put(utf8('a'), utf8('2')));
  await rig.run(['put', 'b c', '']);
  await rig.run(['put', 'a', '1']);
  await rig.nodes.meet('desk', 'laptop');
  assert.equal((await rig.run(['list'])).stdout, 'a = 1 (conflict)\n"b c" = ""\n');
  assert.equal((await rig.run(['list', 'b'])).stdout, '"b c" = ""\n');
});

test('list prints what comes before a value that cannot be read, in whole lines, and then the error', async (context) => {
  const rig = await rigWithMesh(context);
  for (const key of ['a', 'b', 'c']) await rig.run(['put', key, '1']);
  rig.machine.onOpen = (node) => failFrom(mainStore(node), 'c');
  const ran = await rig.run(['list']);
  assert.deepEqual([ran.status, ran.stdout], [1, 'a = 1\nb = 1\n']);
  assert.match(ran.stderr, /^error: .*damaged/);

  // A line is an item, between brackets and commas; what lacks its end is not taken for all that there is.
  const { status, stdout, stderr } = await rig.run(['list', '--json']);
  assert.equal(status, 1);
  assert.throws(() => JSON.parse(stdout) as unknown);
  const item = (key: string) => ({ key, value: '1', conflicted: false });
  assert.deepEqual(JSON.parse(`${stdout}]`), [item('a'), item('b')]);
  assert.match(stdout, /^\[\{.*\},\n\{.*\}\n$/);
  assert.equal((JSON.parse(stderr) as { error: { code: string } }).error.code, 'store-damaged');

  rig.machine.onOpen = (node) => failFrom(mainStore(node), 'a');
  assert.equal((await rig.run(['list', '--json'])).stdout, '');
});

test('delete of a key that is not there writes nothing and has exit status 1', async (context) => {
  const rig = await rigWithMesh(context);
  assert.equal((await rig.run(['delete', 'a'])).status, 1);
  assert.equal(((await rig.json('store', 'status')) as { entries: number }).entries, 0);
});

test('--store and --mesh say which store is meant', async (context) => {
  const rig = await rigWithMesh(context);
  await rig.run(['store', 'create', '--name', 'notes']);
  await rig.run(['put', 'a', '1', '--store', 'notes']);
  await rig.run(['mesh', 'create', 'second']);
  assert.equal((await rig.run(['get', 'a'])).status, 1);
  assert.equal((await rig.run(['--mesh=first', 'get', 'a', '--store=notes'])).stdout, '1\n');
  const env = { LATTICE_MESH: 'first', LATTICE_STORE: 'notes' };
  assert.equal((await rig.run(['get', 'a'], { env })).stdout, '1\n');
});

test('only commands that need it start the network', async (context) => {
  const rig = await rigWithMesh(context);
  for (const line of ['node status', 'mesh list', 'mesh status', 'store list', 'put a 1', 'get a', 'list'])
    await rig.run(line.split(' '));
  assert.equal(rig.machine.networkStarts, 0);
  await rig.run(['mesh', 'invite']);
  assert.ok(rig.machine.networkStarts > 0);
});

test('the node is told what was asked for', async (context) => {
  const rig = new Rig(context);
  await rig.run(['node', 'status', '--data-dir', 'd', '--bind', '4242', '--relay', 'off']);
  const [opened] = rig.opened;
  assert.equal(opened?.dataDir, `${rig.folder}/d`);
  assert.deepEqual([opened?.bind, opened?.relay, opened?.version], ['4242', 'off', '0.1.0']);
});

test('an address, relay or choice that the node does not understand is wrong usage', async (context) => {
  const rig = new Rig(context);
  rig.openDirectory = async (options) => diskDirectory(options);
  for (const option of ['--bind', '--relay', '--lan']) {
    const ran = await rig.run(['mesh', 'join', 'token', '--data-dir', 'd', option, 'x']);
    assert.equal(ran.status, 2);
    assert.match(ran.stderr, /^error: "x" is /);
  }
});

test('sync that reached members and finished with none fails', async (context) => {
  const rig = await rigWithMesh(context);
  assert.equal((await rig.run(['store', 'sync'])).stdout, 'No other member can be reached now.\n');
  await rig.letIn('laptop');
  await (await rig.nodes.machine('laptop').open()).startNetwork();
  rig.nodes.loss = (from) => {
    if (from !== 'laptop' || rig.node.mesh('first').status().online === 0) return false;
    // In the middle of the sync, the answer is lost and the connection breaks.
    const [desk, laptop] = [rig.machine.nodeId, rig.nodes.machine('laptop').nodeId];
    setImmediate(() => rig.nodes.network.disconnect(desk, laptop));
    return true;
  };
  const ran = await rig.run(['store', 'sync']);
  assert.equal(ran.status, 1);
  assert.match(ran.stdout, /^[0-9a-f]{8}: sent 0 entries \(\d+ bytes\), .*, then failed: .*\n$/);
});

test('help needs no node, and explains every command', async (context) => {
  const rig = new Rig(context);
  const overview = await rig.run(['help']);
  assert.equal(overview.status, 0);
  for (const words of ['mesh create', 'store sync', '--data-dir <path>', 'LATTICE_RELAY', 'import <file>'])
    assert.ok(overview.stdout.includes(words), words);
  assert.deepEqual(await rig.run(['--help']), overview);
  const put = await rig.run(['put', '--help']);
  assert.match(put.stdout, /put <key> <value>/);
  assert.deepEqual(await rig.run(['help', 'put']), put);
  assert.deepEqual(await rig.run(['put', 'a', 'b', '-h']), put);
  assert.match((await rig.run(['help', 'mesh'])).stdout, /mesh revoke <member>/);
  assert.equal((await rig.run(['help', 'nope'])).status, 2);
  assert.deepEqual(rig.opened, []);
});

test('--version prints the version, and nothing else happens', async (context) => {
  const rig = new Rig(context);
  assert.deepEqual(await rig.run(['--version']), { status: 0, stdout: 'lattice 0.1.0\n', stderr: '' });
  assert.deepEqual(await rig.json('-V', 'mesh', 'create'), { version: '0.1.0' });
  assert.deepEqual(rig.opened, []);
});

test('what was mistyped gets a suggestion and exit status 2', async (context) => {
  const rig = new Rig(context);
  const cases: readonly (readonly [string[], RegExp])[] = [
    [['mesh', 'craete'], /did you mean `mesh create`\?/],
    [['mehs', 'create'], /did you mean `mesh create`\?/],
    [['gte', 'a'], /did you mean `get`\?/],
    [['mesh'], /`mesh` is several commands: create, /],
    [['mesh', 'zzzzz'], /no command "mesh zzzzz", but: create, /],
    [['del', 'a'], /no command "del": did you mean `delete`\?/],
    [['zzzzzzzz'], /`help` lists them/],
    [['put', 'a'], /`put` needs <value>: put <key> <value>/],
    [['put', 'a', 'b', 'c'], /no use for "c" \(quote what contains spaces\)/],
    [['put', 'a', 'b', '--all'], /`put` has no option --all/],
    [['get', 'a', '--josn'], /did you mean --json\?/],
  ];
  for (const [argv, message] of cases) {
    const ran = await rig.run(argv);
    assert.equal(ran.status, 2, argv.join(' '));
    assert.match(ran.stderr, message);
  }
});

test('an error never drives the terminal, and has no stack trace', async (context) => {
  const rig = await rigWithMesh(context);
  const ran = await rig.run(['mesh', 'use', '\u001b[2J'], { terminal: true, env: { NO_COLOR: '1' } });
  assert.ok(!ran.stderr.includes('\u001b'));
  rig.machine.onOpen = (node) => {
    node.meshes = () => {
      throw new TypeError('oops\n    at x.js:1:1');
    };
  };
  const defect = await rig.run(['mesh', 'list']);
  assert.equal(defect.status, 1);
  assert.equal(defect.stderr.split('\n').length, 2);
  assert.match(defect.stderr, /^error: Something went wrong inside Lattice \(oops\): please report it\.\n$/);
});

test('Ctrl-C cancels a command that waits', async (context) => {
  const rig = await rigWithMesh(context);
  const token = await rig.tokenOfNobody();
  const dialling = new Promise<void>((resolve) => (rig.machine.onDial = resolve));
  const running = rig.run(['mesh', 'join', token]);
  await dialling;
  rig.interrupt();
  assert.equal((await running).status, 130);
});

async function rigWithMesh(context: TestContext): Promise<Rig> {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create', 'first']);
  return rig;
}

/** From that key on, as where the log is damaged. */
function failFrom(store: Store, first: string): void {
  const snapshot = store.snapshot.bind(store);
  store.snapshot = () => {
    const whole = snapshot();
    const kv = whole.kv();
    const list: typeof kv.list = function* (options) {
      for (const item of kv.list(options)) {
        if (displayUtf8(item.key) >= first) throw new LatticeError('store-damaged', 'The value is damaged.');
        yield item;
      }
    };
    return { ...whole, kv: () => ({ ...kv, list }), [Symbol.dispose]: () => whole[Symbol.dispose]() };
  };
}

function shortIdOf(rig: Rig, name: string): string {
  return toHex(rig.nodes.machine(name).nodeId).slice(0, 8);
}
