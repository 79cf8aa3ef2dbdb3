import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import { main } from '@lattice/cli';
import { Collector, Rig } from './rig.js';

const valueBytesMax = 256 * 1024;

test('put - takes the bytes of standard input as they are', async (context) => {
  const rig = await rigWithMesh(context);
  const bytes = Uint8Array.of(0x0d, 0x0a, 0xff, 0x00, 0x0a);
  assert.deepEqual(await rig.run(['put', 'a', '-'], { stdin: bytes }), { status: 0, stdout: '', stderr: '' });
  const { value } = (await rig.json('get', 'a')) as { value: { base64: string } };
  assert.deepEqual(Buffer.from(value.base64, 'base64'), Buffer.from(bytes));
  await rig.run(['put', 'a', '-'], { stdin: '' });
  assert.equal((await rig.run(['get', 'a'])).stdout, '\n');
});

test('put @file takes the bytes of a file as they are, and the largest value is one', async (context) => {
  const rig = await rigWithMesh(context);
  const largest = Buffer.alloc(valueBytesMax, 0xfe);
  writeFileSync(join(rig.folder, 'f'), largest);
  assert.equal((await rig.run(['put', 'a', '@f'])).status, 0);
  const { value } = (await rig.json('get', 'a')) as { value: { base64: string } };
  assert.ok(Buffer.from(value.base64, 'base64').equals(largest));
});

test('--literal takes a value as it was typed', async (context) => {
  const rig = await rigWithMesh(context);
  for (const value of ['-', '@', '@f', '']) {
    await rig.run(['put', 'a', value, '--literal'], { stdin: 'not this' });
    assert.equal((await rig.run(['get', 'a'])).stdout, `${value}\n`);
  }
});

test('a file that cannot be a value is an error that says why, and nothing is written', async (context) => {
  const rig = await rigWithMesh(context);
  mkdirSync(join(rig.folder, 'd'));
  writeFileSync(join(rig.folder, 'large'), Buffer.alloc(valueBytesMax + 1));
  const cases: readonly (readonly [string, string, RegExp])[] = [
    ['@nope', 'file-not-found', /^nope is not there: check the path\. .* --literal\.$/],
    ['@d', 'file-is-directory', /^d is a directory: name a file\.$/],
    ['@large', 'value-too-large', /^large is more than a value can be, which is 262144 bytes: split it/],
    ['@', 'usage', /names no file: .* --literal/],
  ];
  for (const [value, code, message] of cases) {
    const ran = await rig.run(['--json', 'put', 'a', value]);
    const { error } = JSON.parse(ran.stderr) as { error: { code: string; message: string } };
    assert.equal(error.code, code);
    assert.match(error.message, message);
  }
  assert.deepEqual(await rig.json('list'), []);
});

test('standard input without an end is refused once it is more than a value', async (context) => {
  const rig = await rigWithMesh(context);
  let bytesRead = 0;
  const endless = new Readable({
    read() {
      bytesRead += 65_536;
      this.push(Buffer.alloc(65_536));
    },
  });
  const stderr = new Collector();
  const surroundings = { ...rig.surroundings({}, new Collector(), stderr), stdin: endless };
  assert.equal(await main(['put', 'a', '-'], surroundings), 1);
  assert.match(stderr.text, /^error: Standard input is more than a value can be/);
  assert.ok(endless.destroyed);
  assert.ok(bytesRead < 2 * valueBytesMax, `${bytesRead}`);
});

test('Ctrl-C ends the wait for a value', async (context) => {
  const rig = await rigWithMesh(context);
  let asked = (): void => undefined;
  const reading = new Promise<void>((resolve) => (asked = resolve));
  const silent = new Readable({ read: () => asked() });
  const surroundings = { ...rig.surroundings({}, new Collector(), new Collector()), stdin: silent };
  const running = main(['put', 'a', '-'], surroundings);
  await reading;
  rig.interrupt();
  assert.equal(await running, 130);
});

test('where commands come from standard input, no value does', async (context) => {
  const rig = await rigWithMesh(context);
  const ran = await rig.run([], { stdin: 'put a -\nput b - --literal\nget b' });
  assert.equal(ran.status, 2);
  assert.match(ran.stderr, /^error in line 1: Here, standard input is for commands: .*@file/);
  assert.equal(ran.stdout, '-\n');
});

test('--if-absent writes only where there is no such key, be it deleted or never written', async (context) => {
  const rig = await rigWithMesh(context);
  assert.equal((await rig.run(['put', 'a', '1', '--if-absent'])).status, 0);
  const refused = await rig.run(['put', 'a', '2', '--if-absent']);
  assert.equal(refused.status, 1);
  assert.match(
    refused.stderr,
    /^error: The key is not as .* expects it: it has [0-9a-f]{8}\. See get --all\.$/m,
  );
  assert.equal((await rig.run(['get', 'a'])).stdout, '1\n');
  await rig.run(['delete', 'a']);
  assert.equal((await rig.run(['put', 'a', '3', '--if-absent'])).status, 0);
});

test('--if-heads writes only where the key has exactly these heads, by their first digits', async (context) => {
  const rig = await rigWithMesh(context);
  await rig.run(['put', 'a', '1']);
  const { heads } = (await rig.json('get', 'a')) as { heads: { entry: string }[] };
  const [head = ''] = heads.map(({ entry }) => entry);
  assert.equal((await rig.run(['put', 'a', '2', '--if-heads', `${head.slice(0, 8)}:1`])).status, 1);
  assert.equal((await rig.run(['put', 'a', '2', '--if-heads', `${head.slice(0, 8)}:0`])).status, 0);
  const late = await rig.run(['--json', 'put', 'a', '3', '--if-heads', head]);
  assert.equal(late.status, 1);
  assert.equal((JSON.parse(late.stderr) as { error: { code: string } }).error.code, 'condition-failed');
  for (const wrong of ['', 'xyz', 'abcd,'])
    assert.equal((await rig.run(['put', 'a', '3', '--if-heads', wrong])).status, 2);
  assert.equal((await rig.run(['put', 'a', '3', '--if-heads', head, '--if-absent'])).status, 2);
  assert.equal((await rig.run(['get', 'a'])).stdout, '2\n');
});

async function rigWithMesh(context: TestContext): Promise<Rig> {
  const rig = new Rig(context);
  await rig.run(['mesh', 'create']);
  return rig;
}
