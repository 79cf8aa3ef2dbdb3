import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { toHex, utf8 } from '@lattice/model';
import { DataDirectory, DirectoryLock } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { skipWithoutMounts as skip, SmallDisk } from './support/small-disk.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

const uuid = '060e0f0d-1111-8111-8111-111111111111';
const seed = new Uint8Array(32).fill(0xab);
const random = new SeededRandom(1);

const open = (path: string, bootId?: string) =>
  DataDirectory.open(path, bootId === undefined ? { random } : { random, bootId });

test('a directory is made where there is none, for its owner alone', async () => {
  await using temporary = await TemporaryDirectory.make();
  const path = temporary.join('not', 'there', 'yet');
  await using directory = await open(path);
  await directory.identitySeed(() => seed);
  await using store = await directory.createStore(uuid, utf8('genesis'));
  assert.equal(directory.location, path);
  assert.deepEqual(fs.readdirSync(path).sort(), [
    'identity.key',
    'meta.db',
    'meta.db-guard',
    'meta.db-lock',
    'stores',
    'version',
  ]);
  assert.deepEqual(fs.readdirSync(`${path}/stores/${uuid}/logs`), ['0000000000000000.log']);
  assert.equal(fs.statSync(path).mode & 0o777, 0o700);
  assert.equal(fs.statSync(`${path}/stores`).mode & 0o777, 0o700);
  assert.deepEqual([...store.log.scan(0)], []);
});

test('the identity is 64 hexadecimal digits and a newline, for its owner alone', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using directory = await open(temporary.path);
  assert.deepEqual(await directory.identitySeed(() => seed), seed);
  const path = temporary.join('identity.key');
  assert.equal(fs.readFileSync(path, 'utf8'), `${toHex(seed)}\n`);
  assert.equal(fs.statSync(path).mode & 0o777, 0o600);
});

test('an identity that others may read is refused, with the remedy', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using directory = await open(temporary.path);
  await directory.identitySeed(() => seed);
  const path = temporary.join('identity.key');
  for (const mode of [0o640, 0o604, 0o620, 0o666]) {
    fs.chmodSync(path, mode);
    await assert.rejects(
      directory.identitySeed(() => seed),
      { code: 'identity-permissions', message: new RegExp(`"chmod 600 ${path}"`) },
    );
  }
  fs.chmodSync(path, 0o400);
  assert.deepEqual(await directory.identitySeed(() => new Uint8Array(32)), seed);
});

test('an identity that is none is refused and never replaced', async () => {
  for (const text of [
    '',
    '\n',
    'ab',
    `${'a'.repeat(63)}\n`,
    `${'a'.repeat(65)}\n`,
    `${'g'.repeat(64)}\n`,
    `${'a'.repeat(64)}\n\n`,
  ]) {
    await using temporary = await TemporaryDirectory.make();
    await using directory = await open(temporary.path);
    const path = temporary.join('identity.key');
    fs.writeFileSync(path, text, { mode: 0o600 });
    await assert.rejects(
      directory.identitySeed(() => seed),
      { code: 'identity-invalid' },
    );
    assert.equal(fs.readFileSync(path, 'utf8'), text);
  }
});

test('beside stores, no identity is made for one that is gone', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using directory = await open(temporary.path);
  await directory.identitySeed(() => seed);
  await using _ = await directory.createStore(uuid, utf8('genesis'));
  const path = temporary.join('identity.key');
  fs.rmSync(path);
  await assert.rejects(
    directory.identitySeed(() => seed),
    { code: 'identity-missing' },
  );
  assert(!fs.existsSync(path));
});

test(
  'a directory that nothing can be made in is refused, and does not keep anybody waiting',
  { skip: process.platform !== 'linux' },
  async () => {
    await assert.rejects(open('/proc/lattice'), { code: 'data-dir-not-writable' });
    await assert.rejects(open('/proc/lattice/deep'), { code: 'data-dir-not-writable' });
  },
);

test('what is no directory is refused', async () => {
  await using temporary = await TemporaryDirectory.make();
  const file = temporary.join('file');
  fs.writeFileSync(file, '');
  await assert.rejects(open(file), { code: 'data-dir-not-a-directory' });
  await assert.rejects(open(`${file}/in-it`), { code: 'data-dir-not-a-directory' });
});

test('a directory that can not be written to is refused', { skip }, async () => {
  await using disk = await SmallDisk.make();
  await (await open(disk.path))[Symbol.asyncDispose]();
  disk.makeReadOnly();
  await assert.rejects(open(disk.path), { code: 'data-dir-not-writable' });
  await assert.rejects(DirectoryLock.tryLock(disk.path), { code: 'data-dir-not-writable' });
});

test('a directory of a newer version is left alone', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using _ = await open(temporary.path);
  await _[Symbol.asyncDispose]();
  fs.writeFileSync(temporary.join('version'), '2\n');
  await assert.rejects(open(temporary.path), { code: 'data-dir-newer' });
});

test('what a crash left of making or removing a store is removed', async () => {
  await using temporary = await TemporaryDirectory.make();
  {
    await using directory = await open(temporary.path);
    await using _ = await directory.createStore(uuid, utf8('genesis'));
  }
  const stores = temporary.join('stores');
  for (const name of [`.new-${uuid}`, `.gone-${uuid}`]) {
    fs.mkdirSync(`${stores}/${name}/logs`, { recursive: true });
    fs.writeFileSync(`${stores}/${name}/logs/0000000000000000.log`, 'half');
  }
  await using directory = await open(temporary.path);
  assert.deepEqual(await directory.stores(), [uuid]);
  assert.deepEqual(fs.readdirSync(stores), [uuid]);
});

test('a state is rebuilt after a crash of the machine, and hints are not lost', async () => {
  await using temporary = await TemporaryDirectory.make();
  const key = utf8('key');
  {
    await using directory = await open(temporary.path, 'first run');
    const hints = directory.meta.table('t');
    directory.meta.transaction(() => hints.put(key, key));
    await using store = await directory.createStore(uuid, utf8('genesis'));
    await store.log.append([utf8('one')]);
    const table = store.state.table('t');
    store.state.transaction(() => table.put(key, key));
    // As a crash would leave them; closing then says otherwise.
    for (const guard of [temporary.join('meta.db-guard'), temporary.join('stores', uuid, 'state.db-guard')]) {
      fs.copyFileSync(guard, `${guard}.left`);
    }
  }
  for (const guard of [temporary.join('meta.db-guard'), temporary.join('stores', uuid, 'state.db-guard')]) {
    fs.renameSync(`${guard}.left`, guard);
  }
  await using directory = await open(temporary.path, 'second run');
  assert.deepEqual(directory.meta.table('t').get(key), key);
  assert.deepEqual(directory.repairs, []);
  await using store = await directory.openStore(uuid);
  assert.equal(store.state.table('t').get(key), undefined);
  assert.match(store.repairs.join(), /crash of the machine/);
  assert.equal([...store.log.scan(0)].length, 1);
});

test('damaged hints are discarded, and it is said', async () => {
  await using temporary = await TemporaryDirectory.make();
  fs.writeFileSync(temporary.join('meta.db'), random.bytes(9000));
  await using directory = await open(temporary.path);
  assert.match(directory.repairs.join(), /^meta.db is damaged/);
  assert.deepEqual([...directory.meta.table('t').range()], []);
});

test('a store without an intact log is refused, and the others are not', async () => {
  await using temporary = await TemporaryDirectory.make();
  await using directory = await open(temporary.path);
  const other = uuid.replaceAll('1', '2');
  for (const name of [uuid, other])
    await (await directory.createStore(name, utf8(name)))[Symbol.asyncDispose]();
  fs.writeFileSync(temporary.join('stores', uuid, 'logs', '0000000000000000.log'), '');
  await assert.rejects(directory.openStore(uuid), { code: 'store-damaged' });
  await assert.rejects(directory.openStore(uuid), { code: 'store-damaged' });
  await using store = await directory.openStore(other);
  assert.deepEqual(store.genesis, utf8(other));
});

test('a scratch leaves nothing in the directory, not even after a crash', async () => {
  await using temporary = await TemporaryDirectory.make();
  const names = () => fs.readdirSync(temporary.join('stores', uuid)).sort();
  await using directory = await open(temporary.path);
  {
    await using store = await directory.createStore(uuid, utf8('genesis'));
    const before = names();
    const scratch = await store.openScratch();
    assert.ok(names().length > before.length);
    await scratch[Symbol.asyncDispose]();
    assert.deepEqual(names(), before);
  }
  const before = names();
  for (const suffix of ['', '-lock', '-guard'])
    fs.writeFileSync(temporary.join('stores', uuid, `scratch-7.db${suffix}`), 'left behind');
  await using _ = await directory.openStore(uuid);
  assert.deepEqual(names(), before);
});
