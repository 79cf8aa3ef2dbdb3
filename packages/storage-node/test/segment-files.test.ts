import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { type Files, MemoryFiles, type OpenFile } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { damageOf, header, headerBytes, logOf, numbered, recordsOf } from './support/logs.js';

/** Two records of 40 bytes fill a segment. */
const options = { segmentBytes: headerBytes + 100 };
const names = ['0000000000000000.log', '0000000100000000.log', '0000000200000000.log'] as const;

test('segments are named by their first offset, and hold what their size allows', async () => {
  const files = new MemoryFiles();
  const offsets = await logOf(files, numbered(6), options);
  assert.deepEqual(await files.list(), names);
  assert.deepEqual(offsets, [56, 112, 2 ** 32 + 56, 2 ** 32 + 112, 2 ** 33 + 56, 2 ** 33 + 112]);
  await using log = await SegmentLog.open(files, options);
  assert.equal(log.end, 3 * 2 ** 32 + 56, 'the third is complete: the next record begins the fourth');
  assert.deepEqual(log.genesis, header.genesis);
});

test('complete segments are cut to their data, and only the last is extended ahead', async () => {
  const files = new MemoryFiles();
  await logOf(files, numbered(3), options);
  assert.equal(files.open(names[0]).size(), headerBytes + 2 * 56 + 16);
  assert.ok(files.open(names[1]).size() >= 1024 * 1024);
});

test('opening reads the last segment, and of those before it not a byte', async () => {
  const files = new CountingFiles();
  await logOf(files, numbered(5), options);
  files.readBytes.clear();
  await using log = await SegmentLog.open(files, options);
  assert.deepEqual([...files.readBytes.keys()], [names[2]]);
  assert.equal(recordsOf(log).length, 5);
});

test('a missing segment, and one that lost its end, are shown as damaged', async () => {
  const files = new MemoryFiles();
  const offsets = await logOf(files, numbered(7), options);
  await files.remove(names[1]);
  await files.open(names[2]).resize(headerBytes + 60);
  await using log = await SegmentLog.open(files, options);
  assert.deepEqual(damageOf(log.scan(0)), [
    [offsets[2], offsets[4]],
    [offsets[5], offsets[6]],
  ]);
  assert.deepEqual(
    recordsOf(log),
    [0, 1, 4, 6].map((i) => numbered(7)[i]),
  );
  assert.throws(() => log.read(offsets[2] ?? 0), { code: 'log-damaged' });
});

test("a segment's damaged header is replaced by another's", async () => {
  const files = new MemoryFiles();
  await logOf(files, numbered(3), options);
  for (const name of names.slice(0, 2)) {
    const intact = new Uint8Array(headerBytes);
    files.open(name).read(intact, 0);
    files.overwrite(name, 9, new Uint8Array(30));
    {
      await using log = await SegmentLog.open(files, options);
      assert.deepEqual(recordsOf(log), numbered(3));
      assert.deepEqual(log.genesis, header.genesis);
    }
    files.overwrite(name, 0, intact);
  }
  files.overwrite(names[1], 9, new Uint8Array(30));
  await (await SegmentLog.open(files, options))[Symbol.asyncDispose]();
  await using log = await SegmentLog.open(files, options);
  assert.deepEqual(log.repairs, [], 'that of the last was written again');
});

test('a log without one intact header is refused, and so is one of a newer version', async () => {
  const files = new MemoryFiles();
  await logOf(files, numbered(1));
  const intact = new Uint8Array(headerBytes);
  files.open(names[0]).read(intact, 0);
  files.overwrite(names[0], 30, Uint8Array.of(0));
  await assert.rejects(SegmentLog.open(files), { code: 'store-damaged' });
  await assert.rejects(SegmentLog.open(new MemoryFiles()), { code: 'store-damaged' });
});

test('a segment that was never finished is forgotten', async () => {
  const files = new MemoryFiles();
  await logOf(files, numbered(2), options);
  const file = files.open('next.tmp', { create: true });
  await file.write(utf8('half a hea'), 0);
  await using log = await SegmentLog.open(files, options);
  assert.deepEqual(await files.list(), names.slice(0, 1));
  await log.append([utf8('goes on')]);
  assert.equal(recordsOf(log).length, 3);
});

test('many segments are read with few files open', async () => {
  const files = new CountingFiles();
  const records = numbered(80);
  const offsets = await logOf(files, records, options);
  await using log = await SegmentLog.open(files, options);
  assert.deepEqual(recordsOf(log), records);
  for (let i = 79; i >= 0; i--) assert.deepEqual(log.read(offsets[i] ?? 0), records[i]);
  assert.ok(files.mostOpen <= 20, `${files.mostOpen} files were open`);
});

/** Counts what is read of each file, and how many are open at once. */
class CountingFiles implements Files {
  readonly readBytes = new Map<string, number>();
  mostOpen = 0;
  #open = 0;
  readonly #files = new MemoryFiles();

  list = () => this.#files.list();
  rename = (from: string, to: string) => this.#files.rename(from, to);
  remove = (name: string) => this.#files.remove(name);
  syncDirectory = () => this.#files.syncDirectory();

  open(name: string, openOptions?: { readonly create?: boolean }): OpenFile {
    const file = this.#files.open(name, openOptions);
    this.mostOpen = Math.max(this.mostOpen, ++this.#open);
    return {
      ...file,
      read: (into, position) => {
        this.readBytes.set(name, (this.readBytes.get(name) ?? 0) + into.length);
        return file.read(into, position);
      },
      close: () => {
        this.#open--;
        file.close();
      },
    };
  }
}
