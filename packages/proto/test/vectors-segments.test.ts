import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import { MemoryFiles } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { committed } from './committed.js';
import { hex } from './naive/cursor.js';
import { segmentBytes } from './naive/segment.js';

test('segments are as a plain reading of the protocol has them', () => {
  const { genesis, salt, appends, segments } = committed('segments');
  const [first, second] = segments;
  const records = appends.map((append) => append.records);
  assert.equal(segmentBytes(genesis, salt, records.slice(0, 2), true).toString('hex'), first?.bytes);
  assert.equal(segmentBytes(genesis, salt, records.slice(2), false).toString('hex'), second?.bytes);
});

test('segments that lie in a directory are read as their records', async () => {
  const { genesis, appends, segments } = committed('segments');
  const files = new MemoryFiles();
  for (const { name, bytes } of segments) await files.open(name, { create: true }).write(hex(bytes), 0);
  await using log = await SegmentLog.open(files);
  assert.equal(toHex(log.genesis), genesis);
  assert.deepEqual(log.repairs, []);
  const found = [...log.scan(0)].map((item) =>
    item.kind === 'record' ? [item.offset, toHex(item.record)] : item,
  );
  const expected = appends.flatMap(({ records, offsets = [] }) =>
    records.map((record, i) => [offsets[i], record]),
  );
  assert.deepEqual(found, expected);
});
