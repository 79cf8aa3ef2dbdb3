import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes } from '@lattice/model';
import { type LogItem, MemoryFiles } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import { damageOf, headerBytes, logOf, numbered, recordsOf } from './support/logs.js';

const first = '0000000000000000.log';
const frame = 56;

/** Five records of 40 bytes, each appended alone. */
async function fiveRecords() {
  const files = new MemoryFiles();
  const records = numbered(5);
  const offsets = await logOf(files, records);
  return { files, records, at: (i: number) => offsets[i] ?? 0 };
}

const damagedIn = (log: SegmentLog): LogItem[] => [...log.scan(0)].filter(({ kind }) => kind === 'damaged');

async function mendAll(log: SegmentLog): Promise<void> {
  for (const stretch of damagedIn(log)) await log.mend(stretch);
}

test('where a record was lost, a gap takes its place; all others stay where they are, also when opened again', async () => {
  const damages = [
    { what: 'a record', position: 20, bytes: Uint8Array.of(0xff) },
    { what: 'its length', position: 0, bytes: Uint8Array.of(0x7f, 0xff, 0xff, 0xf0) },
    { what: 'all of two records', position: 0, bytes: new Uint8Array(2 * frame) },
  ];
  for (const { what, position, bytes } of damages) {
    const { files, records, at } = await fiveRecords();
    files.overwrite(first, at(1) + position, bytes);
    const lost = bytes.length > frame ? 2 : 1;
    const left = [records[0], ...records.slice(1 + lost)];
    {
      await using log = await SegmentLog.open(files);
      assert.deepEqual(damageOf(log.scan(0)), [[at(1), at(1 + lost)]], what);
      await mendAll(log);
      assert.deepEqual(damageOf(log.scan(0)), [], what);
      assert.deepEqual([...log.scan(at(1))].length, 4 - lost);
      assert.throws(() => log.read(at(1)), { code: 'log-damaged' });
      await log.append([Uint8Array.of(6)]);
    }
    await using log = await SegmentLog.open(files);
    assert.deepEqual(log.repairs, []);
    assert.deepEqual(recordsOf(log), [...left, Uint8Array.of(6)], what);
    assert.deepEqual(log.read(at(4)), records[4]);
  }
});

test('what was there is set aside beside the log: so much of it, and so often', async () => {
  const { files, records, at } = await fiveRecords();
  files.overwrite(first, at(1) + 20, Uint8Array.of(0xff));
  await using log = await SegmentLog.open(files);
  await mendAll(log);
  const name = `${at(1).toString(16).padStart(16, '0')}.damaged`;
  assert.deepEqual(await files.list(), [first, name]);
  const bytes = new Uint8Array(1000);
  assert.equal(files.open(name).read(bytes, 0), frame);
  const found = bytes.slice(12, 52);
  assert.equal(found[8], 0xff);
  found[8] = 2;
  assert.deepEqual(found, records[1]);

  const many = new MemoryFiles();
  const offsets = await logOf(many, numbered(80));
  for (let i = 0; i < 80; i += 2) many.overwrite(first, (offsets[i] ?? 0) + 20, Uint8Array.of(0xff));
  await using other = await SegmentLog.open(many);
  await mendAll(other);
  assert.deepEqual(damageOf(other.scan(0)), []);
  assert.equal((await many.list()).length, 1 + 32);
});

test('damage after which nothing intact comes in its segment, or a segment that is gone, is sealed off', async () => {
  const records = numbered(40);
  const options = { segmentBytes: 600 };
  for (const [what, damage] of [
    ['a seal', (files: MemoryFiles, size: number) => files.overwrite(second, size - 16, new Uint8Array(16))],
    [
      'the second half',
      (files: MemoryFiles, size: number) => files.overwrite(second, size / 2, new Uint8Array(size / 2)),
    ],
    [
      'the end, which was cut off',
      (files: MemoryFiles) => files.open(second).resize(headerBytes + frame + 5),
    ],
    ['all but some of the header, which was cut off', (files: MemoryFiles) => files.open(second).resize(7)],
    ['the whole file', (files: MemoryFiles) => files.remove(second)],
  ] as const) {
    const files = new MemoryFiles();
    await logOf(files, records, options);
    assert.ok((await files.list()).length > 3, what);
    await damage(files, files.open(second).size());
    let left: readonly Uint8Array[];
    {
      await using log = await SegmentLog.open(files, options);
      left = recordsOf(log);
      assert.equal(damagedIn(log).length, 1, what);
      await mendAll(log);
      assert.deepEqual(damageOf(log.scan(0)), [], what);
      assert.deepEqual(recordsOf(log), left, what);
    }
    await using log = await SegmentLog.open(files, options);
    assert.deepEqual(damageOf(log.scan(0)), [], what);
    assert.deepEqual(recordsOf(log), left, what);
    await log.append([Uint8Array.of(1)]);
    assert.deepEqual(recordsOf(log), [...left, Uint8Array.of(1)], what);
  }
});
const second = '0000000100000000.log';

test('a crash at any step of mending leaves the log as it was or mended, and never touches what is intact', async () => {
  for (const where of ['middle', 'end'] as const) {
    for (let operations = 1; operations <= 12; operations++) {
      for (let seed = 0; seed < 5; seed++) {
        const files = new MemoryFiles();
        const options = { segmentBytes: 600 };
        const offsets = await logOf(files, numbered(20), options);
        if (where === 'middle') files.overwrite(first, (offsets[2] ?? 0) + 20, Uint8Array.of(0xff));
        else files.overwrite(first, (offsets[8] ?? 0) + 4, new Uint8Array(400));
        let before: readonly Uint8Array[];
        {
          await using log = await SegmentLog.open(files, options);
          before = recordsOf(log);
          assert.ok(before.length < 20 && damagedIn(log).length === 1);
          files.stopAfter(operations);
          await mendAll(log).catch(() => undefined);
        }
        files.crash(new SeededRandom(seed));
        await using log = await SegmentLog.open(files, options);
        assert.deepEqual(recordsOf(log), before);
        await mendAll(log);
        assert.deepEqual(damageOf(log.scan(0)), []);
        assert.deepEqual(recordsOf(log), before);
      }
    }
  }
});

test('mending on a full or failing disk is refused, changes nothing, and goes well later', async () => {
  for (const [operation, code] of [
    ['open', 'ENOSPC'],
    ['write', 'ENOSPC'],
    ['sync', 'EIO'],
  ] as const) {
    const { files, at } = await fiveRecords();
    files.overwrite(first, at(2) + 20, Uint8Array.of(0xff));
    await using log = await SegmentLog.open(files);
    const before = recordsOf(log);
    files.failNext(operation, code);
    await assert.rejects(mendAll(log), { code: code === 'EIO' ? 'disk-failed' : 'disk-full' });
    assert.deepEqual(recordsOf(log), before);
    await mendAll(log);
    assert.deepEqual(damageOf(log.scan(0)), []);
    assert.deepEqual(recordsOf(log), before);
  }
});

test('a gap that is damaged in turn is damage as before, and no more than that', async () => {
  const { files, records, at } = await fiveRecords();
  files.overwrite(first, at(2) + 20, Uint8Array.of(0xff));
  await using log = await SegmentLog.open(files);
  await mendAll(log);
  files.overwrite(first, at(2), Uint8Array.of(0));
  assert.deepEqual(damageOf(log.scan(0)), [[at(2), at(3)]]);
  assert.deepEqual(concatBytes(...recordsOf(log)).length, 4 * 40);
  assert.deepEqual(log.read(at(3)), records[3]);
});
