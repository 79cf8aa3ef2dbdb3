import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex } from '@lattice/model';
import { MemoryFiles } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import fc from 'fast-check';
import { header, recordsOf } from './support/logs.js';

const segmentBytes = 3000;

/** A stretch of work that a crash ends, after so many operations on files at the latest. */
const life = fc.record({
  appends: fc.array(fc.array(fc.integer({ min: 1, max: 1500 }), { minLength: 1, maxLength: 4 }), {
    maxLength: 8,
  }),
  operations: fc.integer({ min: 1, max: 60 }),
  seed: fc.integer(),
});

test('after any number of crashes, at any step, all that was acknowledged is there and nothing that was not written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(life, { minLength: 1, maxLength: 5 }), async (lives) => {
      const files = new MemoryFiles();
      await (await SegmentLog.create(files, header, { segmentBytes }))[Symbol.asyncDispose]();
      const expected = new ExpectedRecords();
      for (const { appends, operations, seed } of lives) {
        files.stopAfter(operations);
        await live(files, appends, expected);
        files.crash(new SeededRandom(seed));
        await using log = await SegmentLog.open(files, { segmentBytes });
        expected.check(log);
      }
      await using log = await SegmentLog.open(files, { segmentBytes });
      await expected.append(log, [50, 1000]);
      expected.check(log);
    }),
    { numRuns: 200 },
  );
});

async function live(files: MemoryFiles, appends: readonly (readonly number[])[], expected: ExpectedRecords) {
  try {
    const log = await SegmentLog.open(files, { segmentBytes });
    expected.check(log);
    for (const lengths of appends) await expected.append(log, lengths);
  } catch (error) {
    // Whatever the machine was about to do when it stopped.
    if (!(error instanceof Error && 'code' in error && error.code === 'disk-failed')) throw error;
  }
}

/** What was acknowledged, and the last append that was not: of that, some first records may be there. */
class ExpectedRecords {
  #acknowledged: string[] = [];
  #attempted: string[] = [];
  #made = 0;

  async append(log: SegmentLog, lengths: readonly number[]): Promise<void> {
    const records = lengths.map((length) => new SeededRandom(++this.#made).bytes(length));
    this.#attempted = records.map(toHex);
    const offsets = await log.append(records);
    this.#acknowledged.push(...this.#attempted);
    this.#attempted = [];
    assert.deepEqual(
      offsets.map((offset) => toHex(log.read(offset))),
      records.map(toHex),
    );
  }

  check(log: SegmentLog): void {
    const items = [...log.scan(0)];
    assert.ok(
      items.every(({ kind }) => kind === 'record'),
      'nothing is taken for damaged',
    );
    const found = recordsOf(log).map(toHex);
    const extra = found.slice(this.#acknowledged.length);
    assert.deepEqual(found.slice(0, this.#acknowledged.length), this.#acknowledged);
    assert.deepEqual(extra, this.#attempted.slice(0, extra.length));
    // From here on these are as good as acknowledged.
    this.#acknowledged = found;
    this.#attempted = [];
  }
}
