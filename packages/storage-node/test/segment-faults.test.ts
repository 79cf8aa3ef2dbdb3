import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, utf8 } from '@lattice/model';
import { type FileOperation, MemoryFiles } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import fc from 'fast-check';
import { header, recordsOf } from './support/logs.js';

const text = (log: SegmentLog) => recordsOf(log).map((record) => new TextDecoder().decode(record));

async function logWithOneRecord() {
  const files = new MemoryFiles();
  const log = await SegmentLog.create(files, header);
  await log.append([utf8('one')]);
  return { files, log };
}

test('an append on a full disk appends nothing, says so, and works again when there is room', async () => {
  const { files, log } = await logWithOneRecord();
  const { end } = log;
  files.failNext('write', 'ENOSPC', { afterBytes: 13 });
  await assert.rejects(log.append([utf8('two')]), { code: 'disk-full' });
  files.failNext('sync', 'EDQUOT');
  await assert.rejects(log.append([utf8('two')]), { code: 'disk-full' });
  assert.equal(log.end, end);
  assert.deepEqual(text(log), ['one']);
  await log.append([utf8('three')]);
  assert.deepEqual(text(log), ['one', 'three']);
});

test('after a failed sync what was written does not come back, though the system takes it for synced', async () => {
  const { files, log } = await logWithOneRecord();
  files.failNext('sync', 'EIO');
  await assert.rejects(log.append([utf8('lost')]), { code: 'disk-failed' });
  await log.append([utf8('kept')]);
  files.crash();
  await using after = await SegmentLog.open(files);
  assert.deepEqual(text(after), ['one', 'kept']);
});

test('a log that could not be cut back refuses to append until it could', async () => {
  const { files, log } = await logWithOneRecord();
  files.failNext('sync', 'ENOSPC');
  files.failNext('sync', 'EIO');
  await assert.rejects(log.append([utf8('lost')]), { code: 'disk-full' });
  files.failNext('resize', 'ENOSPC');
  await assert.rejects(log.append([utf8('refused')]), { code: 'disk-failed' });
  assert.deepEqual(text(log), ['one']);
  await log.append([utf8('kept')]);
  files.crash();
  await using after = await SegmentLog.open(files);
  assert.deepEqual(text(after), ['one', 'kept']);
});

test('a log whose records do not read back after a failure refuses to go on', async () => {
  const { files, log } = await logWithOneRecord();
  files.failNext('write', 'EIO');
  const name = (await files.list())[0] ?? '';
  files.overwrite(name, log.end - 4, Uint8Array.of(9));
  await assert.rejects(log.append([utf8('two')]), { code: 'disk-failed' });
  await assert.rejects(log.append([utf8('two')]), {
    code: 'disk-failed',
    message: /otherwise than it was written/,
  });
});

test('a record that a killed process did not come to sync is relied on only once it is', async () => {
  const { files, log } = await logWithOneRecord();
  const { end } = log;
  await log[Symbol.asyncDispose]();
  const other = new MemoryFiles();
  const second = await SegmentLog.create(other, header);
  await second.append([utf8('one')]);
  await second.append([utf8('two')]);
  const [name = ''] = await files.list();
  const frame = new Uint8Array(second.end - end);
  other.open(name).read(frame, end);
  await files.open(name).write(frame, end);
  {
    await using opened = await SegmentLog.open(files);
    assert.deepEqual(text(opened), ['one', 'two']);
  }
  files.crash();
  await using after = await SegmentLog.open(files);
  assert.deepEqual(text(after), ['one', 'two']);
});

test('a record that failed to be synced, in a process that was killed before it could cut it off, is synced anew', async () => {
  const { files, log } = await logWithOneRecord();
  const long = 'x'.repeat(2_000);
  files.failNext('sync', 'EIO');
  files.failNext('resize', 'EIO');
  await assert.rejects(log.append([utf8(long)]), { code: 'disk-failed' });
  {
    await using opened = await SegmentLog.open(files);
    assert.deepEqual(text(opened), ['one', long]);
    await opened.append([utf8('three')]);
  }
  files.crash();
  await using after = await SegmentLog.open(files);
  assert.deepEqual(text(after), ['one', long, 'three']);
});

test('a log is opened on a full disk, too', async () => {
  const { files, log } = await logWithOneRecord();
  await log[Symbol.asyncDispose]();
  files.failNext('write', 'ENOSPC');
  await using opened = await SegmentLog.open(files);
  assert.deepEqual(text(opened), ['one']);
});

const faults = fc.record({
  length: fc.integer({ min: 1, max: 700 }),
  fault: fc.option(
    fc.record({
      operation: fc.constantFrom<FileOperation>('write', 'sync', 'resize', 'open', 'rename', 'syncDirectory'),
      again: fc.boolean(),
      afterBytes: fc.nat(900),
    }),
  ),
});

test('whatever fails, what was acknowledged is there and what was refused is not', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(faults, { maxLength: 25 }), fc.integer(), async (appends, seed) => {
      const random = new SeededRandom(seed);
      const files = new MemoryFiles();
      const log = await SegmentLog.create(files, header, { segmentBytes: 1500 });
      const expected: string[] = [];
      for (const { length, fault } of appends) {
        const record = random.bytes(length);
        if (fault !== null) {
          for (let i = 0; i < (fault.again ? 2 : 1); i++) files.failNext(fault.operation, 'EIO', fault);
        }
        try {
          await log.append([record]);
          expected.push(toHex(record));
        } catch (error) {
          assert.equal((error as { code?: string }).code, 'disk-failed');
        }
        assert.deepEqual(recordsOf(log).map(toHex), expected);
      }
      files.crash();
      await using after = await SegmentLog.open(files, { segmentBytes: 1500 });
      assert.deepEqual(recordsOf(after).map(toHex), expected);
    }),
    { numRuns: 300 },
  );
});
