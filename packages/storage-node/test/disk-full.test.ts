import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { DataDirectory } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { TemporaryDirectory } from './support/temporary-directory.js';

const uuid = '060e0f0d-1111-8111-8111-111111111111';
const random = new SeededRandom(1);
const open = (path: string) => DataDirectory.open(path, { random });
const skip =
  process.getuid?.() === 0 && process.platform === 'linux' ? false : 'a small disk takes root on Linux';

/** A disk of 4 MiB. */
class SmallDisk implements AsyncDisposable {
  private constructor(private readonly directory: TemporaryDirectory) {}

  static async make(): Promise<SmallDisk> {
    const directory = await TemporaryDirectory.make();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', directory.path]);
    return new SmallDisk(directory);
  }

  get path(): string {
    return this.directory.join('data');
  }

  fill(): void {
    const file = fs.openSync(this.directory.join('filler'), 'a');
    try {
      for (const size of [4096, 1]) {
        try {
          for (;;) fs.writeSync(file, new Uint8Array(size).fill(1));
        } catch {
          // Full, to that size.
        }
      }
    } finally {
      fs.closeSync(file);
    }
  }

  free(): void {
    fs.rmSync(this.directory.join('filler'), { force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    execFileSync('umount', ['-l', this.directory.path]);
    await this.directory[Symbol.asyncDispose]();
  }
}

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
    disk.fill();

    const large = random.bytes(100_000);
    await assert.rejects(store.log.append([large]), { code: 'disk-full' });
    assert.throws(() => store.state.transaction(() => table.put(utf8('large'), large)), {
      code: 'disk-full',
    });
    assert.throws(
      () =>
        store.state.transaction(() => {
          for (let i = 0; i < 20_000; i++) table.put(utf8(`key ${i}`), large.subarray(0, 1000));
        }),
      { code: 'disk-full' },
      'a transaction larger than LMDB keeps in memory',
    );
    await assert.rejects(directory.createStore(uuid.replaceAll('1', '2'), utf8('genesis')), {
      code: 'disk-full',
    });
    assert.deepEqual(store.log.read(offset), utf8('one'));
    assert.deepEqual([...table.range()], [[utf8('key'), utf8('one')]]);

    disk.free();
    await store.log.append([large]);
    store.state.transaction(() => table.put(utf8('large'), large));
    assert.deepEqual(table.get(utf8('large')), large);
    assert.equal([...store.log.scan(0)].length, 2);
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
