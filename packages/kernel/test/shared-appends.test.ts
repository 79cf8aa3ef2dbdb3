import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import type { Replica } from '@lattice/kernel';
import { depsMax, equalBytes, type InvalidOp, LatticeError, type StateMachine } from '@lattice/model';
import { MemoryLog } from '@lattice/storage';
import { ByteReader, ByteWriter, decodePayload, payloadHeadroom } from '@lattice/proto';
import { bundleOf, ReplicaRig } from '@lattice/testkit';
import fc from 'fast-check';
import { logged } from './support/logged.js';
import { rejectsWith } from './support/rejects.js';
import { genesis, Story } from './support/story.js';
import { type TraceOp, traceMachine, wordsOf } from './support/trace.js';

const large = 64 * 1024;

describe('large writes that come together', () => {
  test('have an entry each, and share an append', async (t) => {
    const appends = countingAppends(t);
    await using rig = await open();
    const told: number[] = [];
    rig.replica.onCommit(({ bundle }) => told.push(...bundle.entries.map(({ seq }) => seq)));
    const written = await writeEach(rig, [1, 2, 3, 4, 5]);
    assert.deepEqual(appends(), [5]);
    assert.deepEqual(
      written.map(({ ref, offset, op }) => [ref, offset, op]),
      [0, 1, 2, 3, 4].map((ref) => [ref, 0, 0]),
    );
    for (const { entry, ref } of written) assert.ok(equalBytes(rig.replica.info(ref).hash, entry));
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5]);
    await rig.time.advance(0);
    assert.deepEqual(told, [1, 2, 3, 4, 5]);
    assert.deepEqual(
      logged(rig).map(({ entry: { seq, deps } }) => [seq, deps.length]),
      [1, 2, 3, 4, 5].map((seq) => [seq, 0]),
    );
  });

  test('share one up to a size, and go into the next from there', async (t) => {
    const appends = countingAppends(t);
    await using rig = await open();
    await Promise.all(
      [1, 2, 3, 4, 5, 6, 7].map((word) => rig.replica.write(bulk(word, 500_000), { count: 1 })),
    );
    assert.deepEqual(appends(), [6, 1]);
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5, 6, 7]);
  });

  test('leave an entry to small ones between them, in order', async (t) => {
    const appends = countingAppends(t);
    await using rig = await open();
    const sizes = [large, 10, 10, large, 10];
    const written = await Promise.all(
      sizes.map((bytes, i) => rig.replica.write(bulk(i, bytes), { count: 1 })),
    );
    assert.deepEqual(appends(), [4]);
    assert.deepEqual(
      written.map(({ ref, op }) => [ref, op]),
      [
        [0, 0],
        [1, 0],
        [1, 1],
        [2, 0],
        [3, 0],
      ],
    );
  });

  test('with many operations, or with so many as nobody says, are an append', async (t) => {
    const appends = countingAppends(t);
    await using rig = await open();
    const options = [{ count: 65 }, { count: 40 }, { count: 24 }, { count: 1 }, {}];
    await Promise.all(options.map((one, i) => rig.replica.write(bulk(i, large, one.count ?? 65), one)));
    assert.deepEqual(appends(), [1, 2, 1, 1]);
  });

  test('find in the state what their conditions are about', async (t) => {
    const appends = countingAppends(t);
    await using rig = await open();
    const found: number[][] = [];
    const check = () => {
      found.push(wordsOf(rig.replica));
      return found.length === 1 ? undefined : () => new LatticeError('taken', 'It is taken.');
    };
    const outcomes = await Promise.allSettled([
      rig.replica.write(bulk(1), { count: 1 }),
      rig.replica.write(bulk(2), { count: 1, check }),
      rig.replica.write(bulk(3), { count: 1, check }),
      rig.replica.write(bulk(4), { count: 1 }),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'fulfilled', 'rejected', 'fulfilled'],
    );
    assert.deepEqual(found, [[1], [1, 2]]);
    assert.deepEqual(appends(), [1, 1, 1]);
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 4]);
  });

  test('are all refused where the log cannot take them, and none is there', async () => {
    await using rig = await open();
    rig.disk.stores.forEach(({ log }) => log.failNextAppend('disk-full'));
    await Promise.all(
      [1, 2, 3].map((word) => rejectsWith(rig.replica.write(bulk(word), { count: 1 }), 'disk-full')),
    );
    assert.deepEqual(wordsOf(rig.replica), []);
    await writeEach(rig, [4, 5]);
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [4, 5]);
    assert.deepEqual(
      logged(rig).map(({ entry: { seq } }) => seq),
      [1, 2],
    );
  });

  test('come from the log where the state cannot take them in', async () => {
    await using rig = await open();
    const told: number[] = [];
    rig.replica.onCommit(({ bundle }) => told.push(...bundle.entries.map(({ seq }) => seq)));
    await writeEach(rig, [1, 2]);
    rig.stored.state.failNextCommit('disk-failed');
    const written = await writeEach(rig, [3, 4]);
    const later = await writeEach(rig, [5, 6]);
    for (const { entry, ref } of [...written, ...later])
      assert.ok(equalBytes(rig.replica.info(ref).hash, entry));
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5, 6]);
    assert.equal(rig.replica.status().behind, false);
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5, 6]);
    assert.equal(rig.replica.status().forks.size, 0);
  });

  test('are there after the process ended, whether or not anybody had looked', async () => {
    for (const looks of [false, true]) {
      await using rig = await open();
      await writeEach(rig, [1, 2, 3]);
      if (looks) wordsOf(rig.replica);
      rig.disk.kill();
      await rig.reopen('killed');
      assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
      await writeEach(rig, [4, 5]);
      assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5]);
      assert.equal(rig.replica.status().forks.size, 0);
    }
  });

  test('go behind entries that merge, and none is left out', async () => {
    const story = new Story();
    await using rig = await open();
    const heads = Array.from({ length: 2 * depsMax + 5 }, (_, author) =>
      story.tell(author + 1, { words: [] }),
    );
    for (const head of heads) await rig.receive(bundleOf([head]));
    const written = await writeEach(rig, [1, 2, 3]);
    assert.equal(new Set(written.map(({ entry }) => entry.join())).size, 3);
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
    assert.equal(rig.replica.tips().length, heads.length + 1);
    assert.equal(rig.replica.status().forks.size, 0);
  });
});

test('a write that lies behind room for its head is not copied, and what lies before that room is left alone', async () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 2 * large }), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(sizes, fc.constantFrom(1, 127, 128, 70_000), async (all, version) => {
      await using rig = await ReplicaRig.open({ genesis, machine: { ...bulkMachine, version } });
      const spare = 24;
      const writes = all.map((bytes, word) => {
        const operations = bulk(word, bytes);
        const memory = new Uint8Array(spare + operations.length).fill(0xee);
        memory.set(operations, spare);
        return { operations, memory };
      });
      const written = await Promise.all(
        writes.map(({ memory }) =>
          rig.replica.write(memory.subarray(spare), { count: 1, hasHeadroom: true }),
        ),
      );
      for (const [i, { operations, memory }] of writes.entries()) {
        const { ref, offset } = written[i] ?? assert.fail();
        const payload = decodePayload(rig.replica.payload(ref));
        assert.equal(payload.version, version);
        assert.ok(equalBytes(payload.operations.subarray(offset, offset + operations.length), operations));
        assert.ok(memory.subarray(0, spare - payloadHeadroom).every((byte) => byte === 0xee));
        assert.ok(equalBytes(memory.subarray(spare), operations));
      }
    }),
    { numRuns: 30 },
  );
});

/** One whose operations are as large as one likes. */
const bulkMachine: StateMachine<TraceOp> = {
  ...traceMachine,
  decode(bytes: Uint8Array): readonly TraceOp[] | InvalidOp {
    const reader = new ByteReader(bytes);
    const operations: TraceOp[] = [];
    while (reader.remaining > 0) {
      operations.push({ word: reader.u8() });
      reader.skip(reader.varint());
    }
    return operations;
  },
};

/** So many operations of one word, together about so large. */
function bulk(word: number, bytes = large, count = 1): Uint8Array {
  const writer = new ByteWriter(bytes + 16 * count);
  for (let i = 0; i < count; i++) writer.u8(word).prefixed(new Uint8Array(Math.ceil(bytes / count)));
  return writer.finish();
}

type Written = Awaited<ReturnType<Replica['write']>>;

function writeEach({ replica }: ReplicaRig, words: readonly number[]): Promise<readonly Written[]> {
  return Promise.all(words.map((word) => replica.write(bulk(word), { count: 1 })));
}

function open(): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: bulkMachine });
}

/** How many records each append has. */
function countingAppends(t: TestContext): () => readonly number[] {
  const { mock: spy } = t.mock.method(MemoryLog.prototype, 'append');
  return () => spy.calls.map(({ arguments: [records] }) => records?.length ?? 0);
}
