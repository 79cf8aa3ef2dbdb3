import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatBytes, toHex } from '@lattice/model';
import { type Files, MemoryFiles } from '@lattice/storage';
import { SegmentLog } from '@lattice/storage-node';
import { SeededRandom } from '@lattice/testkit';
import fc from 'fast-check';
import { damageOf, header, headerBytes, logOf, numbered, recordsOf } from './support/logs.js';

const first = '0000000000000000.log';
/** What is left where a torn append was cut off. */
const gapBytes = 16;

/** Five records of 40 bytes, each appended alone: 56 bytes of file each. */
async function fiveRecords(records = numbered(5)) {
  const files = new MemoryFiles();
  const offsets = await logOf(files, records);
  return { files, records, offsets, at: (i: number) => offsets[i] ?? 0 };
}

test('a torn tail is cut off, which is said once', async () => {
  const { files, records, at } = await fiveRecords();
  files.overwrite(first, at(4) + 30, new Uint8Array(20));
  {
    await using log = await SegmentLog.open(files);
    assert.deepEqual(recordsOf(log), records.slice(0, 4));
    assert.equal(log.end, at(4) + gapBytes);
    assert.match(log.repairs.join(), /unfinished/);
    await log.append([records[4] as Uint8Array]);
  }
  await using log = await SegmentLog.open(files);
  assert.deepEqual(recordsOf(log), records);
  assert.deepEqual(log.repairs, []);
});

test('damage before a torn append stays lost data, however often the log is opened', async () => {
  const { files, records, at } = await fiveRecords();
  files.overwrite(first, at(3) + 30, new Uint8Array(20));
  files.overwrite(first, at(4) + 30, new Uint8Array(20));
  for (let i = 0; i < 3; i++) {
    await using log = await SegmentLog.open(files);
    assert.deepEqual(recordsOf(log), records.slice(0, 3));
    assert.deepEqual(damageOf(log.scan(0)), [[at(3), log.end]]);
    assert.equal(log.end, at(4) + gapBytes);
  }
  await using log = await SegmentLog.open(files);
  await log.mend({ offset: at(3), next: log.end });
  await log.append([records[3] as Uint8Array]);
  assert.deepEqual(recordsOf(log), records.slice(0, 4));
  assert.deepEqual(damageOf(log.scan(0)), []);
});

for (const [what, damage] of [
  [
    'in its content',
    (files: MemoryFiles, offset: number) => files.overwrite(first, offset + 30, Uint8Array.of(0xff)),
  ],
  [
    'in its length',
    (files: MemoryFiles, offset: number) => files.overwrite(first, offset, Uint8Array.of(0x7f)),
  ],
  [
    'so that nothing is left',
    (files: MemoryFiles, offset: number) => files.overwrite(first, offset, new Uint8Array(56)),
  ],
  ['so that the file ends there', cutOff],
] as const)
  test(`a last record that was synced, as the caller knows, is lost data where it is damaged ${what}`, async () => {
    const { files, records, at } = await fiveRecords();
    const syncedTo = at(4) + 56;
    await damage(files, at(4));
    for (const options of [{ syncedTo }, { syncedTo }, {}]) {
      await using log = await SegmentLog.open(files, options);
      assert.deepEqual(recordsOf(log), records.slice(0, 4));
      assert.deepEqual(damageOf(log.scan(0)), [[at(4), log.end]]);
      assert.equal(log.end, syncedTo + gapBytes);
      assert.doesNotMatch(log.repairs.join(), /unfinished/);
    }
    await using log = await SegmentLog.open(files);
    await log.append([records[4] as Uint8Array]);
    await log.mend({ offset: at(4), next: syncedTo });
    assert.deepEqual(recordsOf(log), records);
    assert.deepEqual(damageOf(log.scan(0)), []);
  });

for (const [what, behind, left] of [
  ['the last record of', 30, 2],
  ['the seal of', 56, 3],
] as const)
  test(`damage to ${what} a segment that another one follows, as the caller knows, tears nothing off`, async () => {
    const files = new MemoryFiles();
    const records = numbered(3);
    const options = { segmentBytes: 200 };
    const offsets = await logOf(files, records, options);
    const sealed = await SegmentLog.open(files, options);
    const syncedTo = sealed.end;
    await sealed[Symbol.asyncDispose]();
    assert.ok(syncedTo > 2 ** 32, 'the next segment is about to begin');
    files.overwrite(first, (offsets[2] ?? 0) + behind, Uint8Array.of(0x55));
    for (let i = 0; i < 2; i++) {
      await using log = await SegmentLog.open(files, { ...options, syncedTo });
      assert.equal(log.end, syncedTo);
      assert.deepEqual(recordsOf(log), records.slice(0, left));
      assert.equal(damageOf(log.scan(0)).length, 1);
    }
    await using log = await SegmentLog.open(files, { ...options, syncedTo });
    await log.append([records[2] as Uint8Array]);
    assert.deepEqual(recordsOf(log).at(-1), records[2]);
    assert.deepEqual(log.read(offsets[1] ?? 0), records[1]);
  });

test('what lies behind what was synced, as the caller knows, is torn as ever', async () => {
  const { files, records, at } = await fiveRecords();
  files.overwrite(first, at(4) + 30, Uint8Array.of(0xff));
  await using log = await SegmentLog.open(files, { syncedTo: at(4) });
  assert.deepEqual(recordsOf(log), records.slice(0, 4));
  assert.deepEqual(damageOf(log.scan(0)), []);
  assert.match(log.repairs.join(), /unfinished/);
});

test('damage in the middle is never cut off: it is shown, and all else is read', async () => {
  for (const [what, position, bytes] of [
    ['a record', 20, Uint8Array.of(0xff)],
    ['a length that looks enormous', 0, Uint8Array.of(0x7f, 0xff, 0xff, 0xf0)],
    ['a length that looks possible', 0, Uint8Array.of(0, 0, 0, 200)],
    ['a length of zero', 0, new Uint8Array(4)],
    ['a length like that of a seal', 0, Uint8Array.of(0xff, 0xff, 0xff, 0xff)],
    ['zeros instead of all of a record', 0, new Uint8Array(56)],
  ] as const) {
    const { files, records, at } = await fiveRecords();
    files.overwrite(first, at(2) + position, bytes);
    await using log = await SegmentLog.open(files);
    assert.deepEqual(recordsOf(log), [...records.slice(0, 2), ...records.slice(3)], what);
    assert.deepEqual(damageOf(log.scan(0)), [[at(2), at(3)]], what);
    if (position === 0) assert.match(log.repairs.join(), /damaged at/);
    assert.throws(() => log.read(at(2)), { code: 'log-damaged' });
    assert.deepEqual(log.read(at(3)), records[3]);
    await log.append([Uint8Array.of(6)]);
    assert.equal(recordsOf(log).length, 5);
  }
});

test('damage within the last append is a torn tail only if nothing was appended after it', async () => {
  const records = numbered(4);
  const [a, b, c, d] = records as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  for (const [appends, found, damaged] of [
    [[[a], [b, c, d]], [a], 0],
    [[[a, b], [c], [d]], [a, c, d], 1],
    [[[a, b, c], [d]], [a, c, d], 1],
  ] as const) {
    const files = new MemoryFiles();
    const log = await SegmentLog.create(files, header);
    const offsets: number[] = [];
    for (const append of appends) offsets.push(...(await log.append(append)));
    await log[Symbol.asyncDispose]();
    files.overwrite(first, (offsets[1] ?? 0) + 20, Uint8Array.of(0xff));
    await using after = await SegmentLog.open(files);
    assert.deepEqual(recordsOf(after), found);
    assert.equal(damageOf(after.scan(0)).length, damaged);
  }
});

test('a log that is damaged in thousands of places is read a few times over, not once for each', async () => {
  const files = new MemoryFiles();
  const offsets = await logOf(files, numbered(6_000));
  for (let i = 1; i < offsets.length; i += 2) files.overwrite(first, offsets[i] ?? 0, Uint8Array.of(0xff));
  const counting = countingReads(files);
  await using log = await SegmentLog.open(counting.files);
  assert.equal(recordsOf(log).length, 3_000);
  assert.ok(counting.bytes() < 5 * log.end, `${counting.bytes()} bytes of ${log.end} read`);
});

test('what was written behind the end once is not found again', async () => {
  const { files, records, at } = await fiveRecords();
  const file = files.open(first);
  const behind = new Uint8Array(at(4) - at(3));
  file.read(behind, at(3));
  file.close();
  // Zeros where the fourth was; the fifth, intact, is behind them, then a copy of the fourth.
  files.overwrite(first, at(4) + 56, behind);
  await using log = await SegmentLog.open(files);
  assert.equal(recordsOf(log).length, 6, 'an intact copy right behind the end counts');
  files.overwrite(first, at(3), new Uint8Array(56 * 3));
  await using shorter = await SegmentLog.open(files);
  assert.deepEqual(recordsOf(shorter), records.slice(0, 3));
});

test('a record in a record is not taken for one when its surroundings are damaged', async () => {
  const inner = numbered(1)[0] as Uint8Array;
  const guess = new MemoryFiles();
  const [offset = 0] = await logOf(guess, [inner]);
  const file = guess.open(first);
  const frame = new Uint8Array(56);
  file.read(frame, offset);
  // Padded so that the frame within begins at a multiple of 8, as frames do.
  const bait = concatBytes(new Uint8Array(4), frame, frame);

  const files = new MemoryFiles();
  const log = await SegmentLog.create(files, header);
  const [baited = 0] = await log.append([bait]);
  const [next = 0] = await log.append([inner]);
  await log[Symbol.asyncDispose]();
  files.overwrite(first, baited + 8, Uint8Array.of(1, 2, 3, 4));
  await using sameSalt = await SegmentLog.open(files);
  assert.deepEqual(damageOf(sameSalt.scan(0)), [[baited, next]], 'its head says where it ends');

  const others = new MemoryFiles();
  const salted = await SegmentLog.create(others, { ...header, salt: 0xdead_beef });
  await salted.append([bait]);
  await salted.append([inner]);
  await salted[Symbol.asyncDispose]();
  others.overwrite(first, baited, Uint8Array.of(1, 2, 3, 4));
  await using otherSalt = await SegmentLog.open(others);
  assert.deepEqual(damageOf(otherSalt.scan(0)), [[baited, next]], 'who wrote it did not know the salt');
  assert.deepEqual(recordsOf(otherSalt), [inner]);
});

test('wherever a log is overwritten, what is intact is found, in order, and nothing else', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 });
  const damage = fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.nat(200).map((n) => new Uint8Array(n)),
    ),
  });
  await fc.assert(
    fc.asyncProperty(
      lengths,
      fc.array(damage, { maxLength: 3 }),
      fc.integer(),
      async (sizes, damages, seed) => {
        const random = new SeededRandom(seed);
        const files = new MemoryFiles();
        const records = sizes.map((size) => random.bytes(size));
        const options = { segmentBytes: 1200 };
        const offsets = await logOf(files, records, options);
        const names = await files.list();
        for (const { place, bytes } of damages) {
          const name = random.pick(names);
          const size = Math.min(1200, files.open(name).size());
          files.overwrite(name, headerBytes + Math.floor(place * size), bytes);
        }
        const offsetOf = new Map(records.map((record, i) => [toHex(record), offsets[i] ?? 0]));
        await using log = await SegmentLog.open(files, options);
        let last = 0;
        for (const item of log.scan(0)) {
          assert.ok(item.offset >= last && item.next > item.offset, 'items follow each other');
          last = item.next;
          if (item.kind === 'record') assert.equal(offsetOf.get(toHex(item.record)), item.offset);
          else assert.throws(() => log.read(item.offset), { code: 'log-damaged' });
        }
        const found = new Set(recordsOf(log).map(toHex));
        const intact = records.filter((record, i) => isIntact(log, offsets[i] ?? 0, record)).map(toHex);
        assert.deepEqual([...found].sort(), intact.sort(), 'a scan finds what can be read');
        const [written] = await log.append([Uint8Array.of(1)]);
        assert.deepEqual(log.read(written ?? 0), Uint8Array.of(1));
      },
    ),
    { numRuns: 300 },
  );
});

function isIntact(log: SegmentLog, offset: number, record: Uint8Array): boolean {
  try {
    return toHex(log.read(offset)) === toHex(record);
  } catch {
    return false;
  }
}

test(
  'a large damaged region is searched in little time, whatever its bytes are',
  { timeout: 20_000 },
  async () => {
    // Each of these words is a length that a record may have, so each could be where one begins.
    const bait = new Uint8Array(2 * 1024 * 1024).map((_, i) => (i % 4 === 1 ? 0x10 : 0));
    const files = new MemoryFiles();
    const [large = 0, small = 0] = await logOf(files, [bait, Uint8Array.of(1)]);
    files.overwrite(first, large, Uint8Array.of(0, 0x10, 0, 0, 0));
    await using log = await SegmentLog.open(files);
    assert.deepEqual(damageOf(log.scan(0)), [[large, small]]);
    assert.deepEqual(recordsOf(log), [Uint8Array.of(1)]);
  },
);

/** The same files, and how many bytes were asked for. */
function countingReads(inner: Files): { readonly files: Files; readonly bytes: () => number } {
  let bytes = 0;
  const open = (name: string, options?: { readonly create?: boolean }) => {
    const file = inner.open(name, options);
    const read = file.read.bind(file);
    return Object.assign(file, {
      read: (into: Uint8Array, position: number) => {
        bytes += into.length;
        return read(into, position);
      },
    });
  };
  const files = new Proxy(inner, { get: (target, name) => (name === 'open' ? open : bound(target, name)) });
  return { files, bytes: () => bytes };
}

function bound(target: Files, name: string | symbol): unknown {
  const value: unknown = Reflect.get(target, name);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

async function cutOff(files: MemoryFiles, offset: number): Promise<void> {
  const file = files.open(first);
  await file.resize(offset);
  await file.sync();
  file.close();
}
