import assert from 'node:assert/strict';
import { test } from 'node:test';
import { utf8 } from '@lattice/model';
import { NodeFiles, SegmentLog } from '@lattice/storage-node';
import { Child } from './support/child.js';
import { logOf, recordsOf } from './support/logs.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

test('what a killed process was told is appended is there', async () => {
  await using directory = await TemporaryDirectory.make();
  const files = new NodeFiles(directory.path);
  await logOf(files, [utf8('record -1')]);
  await using child = new Child({ kind: 'append-log', path: directory.path });
  await child.reported(700);
  const { reports } = await child.kill();
  await using log = await SegmentLog.open(files);
  const found = recordsOf(log).map((record) => new TextDecoder().decode(record));
  assert.deepEqual(
    found,
    Array.from({ length: found.length }, (_, i) => `record ${i - 1}`),
  );
  assert.ok(found.length - 1 >= reports.length, `${found.length - 1} of ${reports.length}`);
});
