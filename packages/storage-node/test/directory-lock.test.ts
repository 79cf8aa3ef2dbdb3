import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { DirectoryLock, readOwner, socketPathFor } from '@lattice/storage-node';
import { Child } from './support/child.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

test('one process has a directory, and others learn where to reach it', async () => {
  await using directory = await TemporaryDirectory.make();
  await using child = new Child({ kind: 'lock', directory: directory.path, socketPath: '/its/socket' });
  assert.deepEqual(await child.reported(1), ['locked']);
  assert.equal(await DirectoryLock.tryLock(directory.path), undefined);
  const owner = await readOwner(directory.path);
  assert.equal(owner?.socketPath, '/its/socket');
  assert.notEqual(owner?.pid, process.pid);
});

test('a killed process has it no longer', async () => {
  await using directory = await TemporaryDirectory.make();
  await using child = new Child({ kind: 'lock', directory: directory.path, socketPath: '/its/socket' });
  await child.reported(1);
  await child.kill();
  await using lock = await DirectoryLock.tryLock(directory.path);
  assert.ok(lock);
  assert.equal(await readOwner(directory.path), undefined, 'what the killed process said is gone');
  await using second = new Child({ kind: 'lock', directory: directory.path, socketPath: '/its/socket' });
  assert.deepEqual(await second.reported(1), ['refused']);
});

test('a process has it once, until it gives it back', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('made', 'for', 'it');
  const lock = await DirectoryLock.tryLock(path);
  assert.ok(lock);
  assert.equal(await DirectoryLock.tryLock(path), undefined);
  await lock.publish({ socketPath: '/a/long/path/to/a/socket' });
  await lock.publish({ socketPath: '/s' });
  assert.deepEqual(await readOwner(path), { pid: process.pid, socketPath: '/s' });
  await lock[Symbol.asyncDispose]();
  await lock[Symbol.asyncDispose]();
  assert.equal(await readOwner(path), undefined);
  await using again = await DirectoryLock.tryLock(path);
  assert.ok(again);
});

test('a directory that nothing came of is left as it was found', async () => {
  await using directory = await TemporaryDirectory.make();
  const path = directory.join('made');
  const lock = await DirectoryLock.tryLock(path);
  await lock?.abandon();
  await lock?.abandon();
  assert.ok(!fs.existsSync(path));

  fs.mkdirSync(path);
  await (await DirectoryLock.tryLock(path))?.abandon();
  assert.deepEqual(fs.readdirSync(path), []);

  const used = await DirectoryLock.tryLock(path);
  fs.writeFileSync(directory.join('made', 'file'), '');
  await used?.abandon();
  assert.deepEqual(fs.readdirSync(path), ['file', 'lock']);
  await using again = await DirectoryLock.tryLock(path);
  assert.ok(again);
});

test('where nobody was, or what is written makes no sense, there is no owner', async () => {
  await using directory = await TemporaryDirectory.make();
  assert.equal(await readOwner(directory.path), undefined);
  for (const text of ['', '{', '{"pid":1}', '[]', 'null', '{"pid":"1","socketPath":"/s"}']) {
    fs.writeFileSync(directory.join('lock'), text);
    assert.equal(await readOwner(directory.path), undefined);
  }
});

test('a file is not a directory to lock', async () => {
  await using directory = await TemporaryDirectory.make();
  fs.writeFileSync(directory.join('file'), '');
  await assert.rejects(DirectoryLock.tryLock(directory.join('file')), { code: 'data-dir-not-a-directory' });
});

test('a socket is in its directory while the path fits, and else in a folder for such, apart for each', async () => {
  await using directory = await TemporaryDirectory.make();
  assert.equal(socketPathFor(directory.path), directory.join('lattice.sock'));
  const long = directory.join('x'.repeat(60), 'y'.repeat(60));
  const other = directory.join('x'.repeat(60), 'z'.repeat(60));
  for (const path of [long, other]) fs.mkdirSync(path, { recursive: true });
  const environment = { XDG_RUNTIME_DIR: '/run/user/1000' };
  assert.match(socketPathFor(long, environment), /^\/run\/user\/1000\/lattice-[0-9a-f]{16}\.sock$/);
  assert.notEqual(socketPathFor(long, environment), socketPathFor(other, environment));
  const link = directory.join('link');
  fs.symlinkSync(long, link);
  assert.equal(socketPathFor(link, environment), socketPathFor(long, environment), 'by whatever name');
  for (const folder of [undefined, '', `/${'r'.repeat(100)}`]) {
    const path = socketPathFor(long, { XDG_RUNTIME_DIR: folder });
    assert.ok(Buffer.byteLength(path) < 100);
  }
});

test('in a copy of a directory, the lock file does not lead to the owner of the original', async () => {
  await using original = await TemporaryDirectory.make();
  await using copy = await TemporaryDirectory.make();
  await using lock = await DirectoryLock.tryLock(original.path);
  await lock?.publish({ socketPath: '/s' });
  fs.cpSync(original.path, copy.path, { recursive: true });
  assert.equal((await readOwner(original.path))?.socketPath, '/s');
  assert.equal(await readOwner(copy.path), undefined);
});
