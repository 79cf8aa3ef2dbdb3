import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { DataDirectory } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { skipWithoutMounts as skip, SmallDisk } from './support/small-disk.js';

const uuid = '060e0f0d-1111-8111-8111-111111111111';
const random = new SeededRandom(1);
const open = (path: string) => DataDirectory.open(path, { random });

test(
  'a full disk refuses writes, goes on with reads, and is all right when there is room',
  { skip },
  async () => {
    await using disk = await SmallDisk.make();
    await using directory = await open(disk.path);
    await using store = await directory.createStore(uuid, utf8('genesis'));
    const table = store.state.table('t');
    const [offset = 0] = await store.log.append([utf8('one')]);
    store.state.transaction(() => table.put(utf8('key'), utf8('one')));
    await store.state.flush();
    disk.fill();

    const large = random.bytes(100_000);
    await assert.rejects(store.log.append([large]), { code: 'disk-full' });
    store.state.transaction(() => table.put(utf8('pending'), large));
    await assert.rejects(store.state.flush(), { code: 'disk-full' });
    assert.throws(() => store.state.transaction(() => table.put(utf8('large'), large)), {
      code: 'disk-full',
    });
    await assert.rejects(directory.createStore(uuid.replaceAll('1', '2'), utf8('genesis')), {
      code: 'disk-full',
    });
    assert.deepEqual(store.log.read(offset), utf8('one'));
    using snapshot = store.state.snapshot();
    for (const shown of [table, snapshot.table('t')]) {
      assert.deepEqual(
        [...shown.range()],
        [
          [utf8('key'), utf8('one')],
          [utf8('pending'), large],
        ],
      );
    }

    disk.free();
    await store.log.append([large]);
    store.state.transaction(() => table.put(utf8('large'), large));
    await store.state.flush();
    for (const key of ['pending', 'large']) assert.deepEqual(table.get(utf8(key)), large);
    assert.equal([...store.log.scan(0)].length, 2);

    store.state.transaction(() => {
      for (let i = 0; i < 20_000; i++) table.put(utf8(`key ${i}`), large.subarray(0, 1000));
    });
    await assert.rejects(store.state.flush(), { code: 'disk-full' }, 'more than LMDB keeps in memory');
  },
);

test('what is on a full disk can be opened and read', { skip }, async () => {
  await using disk = await SmallDisk.make();
  {
    await using directory = await open(disk.path);
    await using store = await directory.createStore(uuid, utf8('genesis'));
    await store.log.append([utf8('one')]);
    const table = store.state.table('t');
    store.state.transaction(() => table.put(utf8('key'), utf8('one')));
  }
  disk.fill();
  {
    await using directory = await open(disk.path);
    await using store = await directory.openStore(uuid);
    assert.deepEqual(store.state.table('t').get(utf8('key')), utf8('one'));
    assert.equal([...store.log.scan(0)].length, 1);
  }
  fs.rmSync(`${disk.path}/stores/${uuid}/state.db`);
  disk.fill();
  await using directory = await open(disk.path);
  await assert.rejects(directory.openStore(uuid), { code: 'disk-full' }, 'LMDB would crash');
  disk.free();
  await using store = await directory.openStore(uuid);
  assert.equal(store.state.table('t').get(utf8('key')), undefined);
});

test('a new directory on a full disk is refused', { skip }, async () => {
  await using disk = await SmallDisk.make();
  disk.fill();
  await assert.rejects(open(disk.path), { code: 'disk-full' });
});

test(
  'closing on a full disk loses what of the state was not written, not what the log has',
  { skip },
  async () => {
    await using disk = await SmallDisk.make();
    {
      await using directory = await open(disk.path);
      await using store = await directory.createStore(uuid, utf8('genesis'));
      const table = store.state.table('t');
      store.state.transaction(() => table.put(utf8('key'), utf8('written')));
      await store.state.flush();
      disk.fill();
      await store.log.append([utf8('one')]);
      store.state.transaction(() => table.put(utf8('key'), random.bytes(100_000)));
    }
    await using directory = await open(disk.path);
    await using store = await directory.openStore(uuid);
    assert.deepEqual(store.state.table('t').get(utf8('key')), utf8('written'));
    assert.equal([...store.log.scan(0)].length, 1);
    assert.deepEqual(store.repairs, []);
  },
);
