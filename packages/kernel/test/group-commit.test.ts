import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { equalBytes, type Hash, LatticeError, payloadBytesMax } from '@lattice/model';
import { ReplicaRig } from '@lattice/testkit';
import { logged } from './support/logged.js';
import { rejectsWith } from './support/rejects.js';
import { genesis } from './support/story.js';
import { blindMachine, traceMachine, words, wordsOf } from './support/trace.js';

describe('writes', () => {
  test('of one tick share an entry, a signature and a record of the log', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const written = await Promise.all([1, 2, 3].map((word) => rig.replica.write(words(word))));
    assert.equal(distinct(written), 1);
    assert.equal(logged(rig).length, 1);
    assert.equal(rig.replica.status().entries, 1);
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
  });

  test('that come one after the other have an entry each', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const written: Written[] = [];
    for (const word of [1, 2, 3]) written.push(await rig.replica.write(words(word)));
    assert.equal(distinct(written), 3);
    assert.equal(logged(rig).length, 3);
    assert.deepEqual(
      rig.replica.tips().map(({ seq }) => seq),
      [3],
    );
  });

  test('that arrive while a commit is in flight share the next entry', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const first = rig.replica.write(words(1));
    await Promise.resolve();
    await Promise.resolve();
    const later = [2, 3, 4].map((word) => rig.replica.write(words(word)));
    assert.equal(distinct([await first, ...(await Promise.all(later))]), 2);
    assert.equal(logged(rig).length, 2);
  });

  test('are never split, and go in order into as many entries as their bytes need', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: blindMachine });
    const bytes = 60_000;
    const written = await Promise.all(
      Array.from({ length: 20 }, () => rig.replica.write(new Uint8Array(bytes))),
    );
    assert.equal(distinct(written), 2);
    assert.deepEqual(
      logged(rig).map(({ entry: { payload } }) => Math.floor(payload.length / bytes)),
      [17, 3],
    );
  });

  test('of more than a payload holds are refused, and concern nobody else', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const outcomes = await Promise.allSettled([
      rig.replica.write(words(1)),
      rig.replica.write(new Uint8Array(payloadBytesMax)),
      rig.replica.write(words(2)),
    ]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled'],
    );
    await rejectsWith(rig.replica.write(new Uint8Array(payloadBytesMax)), 'batch-too-large');
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
  });

  test('of what decides what counts resolve when those who listen to commits have heard of them', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, projectUncounted: true });
    const heard: string[] = [];
    rig.replica.onCommit(({ origin, bundle, counts, forked }) => {
      assert.deepEqual([origin, bundle.entries.length, counts, forked], ['local', 1, true, []]);
      assert.deepEqual(wordsOf(rig.replica), [7]);
      heard.push('commit');
    });
    const { entry } = await rig.replica.write(words(7));
    heard.push('written');
    assert.deepEqual(heard, ['commit', 'written']);
    assert.ok(logged(rig).some(({ ref }) => equalBytes(ref.hash, entry)));
  });

  test('are asked at the last moment, knowing what is ahead of them, and refused alone', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const told: number[] = [];
    const unless = (word: number) => (before: readonly Uint8Array[]) => {
      told.push(before.length);
      const taken =
        before.some((operations) => operations.includes(word)) || wordsOf(rig.replica).includes(word);
      return taken ? () => new LatticeError('taken', wordsOf(rig.replica).join()) : undefined;
    };
    const failing = (): never => {
      throw new LatticeError('odd', 'A check that fails.');
    };
    const outcomes = await Promise.allSettled([
      rig.replica.write(words(5, 6)),
      rig.replica.write(words(7), { check: unless(7) }),
      rig.replica.write(words(7), { check: unless(7) }),
      rig.replica.write(words(8), { check: failing }),
      rig.replica.write(words(9)),
    ]);
    assert.deepEqual(
      outcomes.map((one) =>
        one.status === 'fulfilled' ? one.value.op : (one.reason as LatticeError).message,
      ),
      [0, 2, '5,6,7,9', 'A check that fails.', 3],
    );
    assert.deepEqual(told, [1, 2]);
    // Where all are refused there is no entry.
    await rejectsWith(rig.replica.write(words(7), { check: unless(7) }), 'taken');
    assert.equal(rig.replica.status().entries, 1);
  });

  test('that nobody waits for are refused once too many wait, and let in again once they are done', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: blindMachine });
    const one = words(1);
    // What there is no operation in is written, too, and costs the machine nothing.
    const nothing = new Uint8Array(0);
    const writes = Array.from({ length: 100_000 }, () => rig.replica.write(nothing));
    const refused = [1, 2, 3].map(() => rejectsWith(rig.replica.write(one), 'store-busy'));
    await Promise.all([...writes, ...refused]);
    await rig.replica.write(one);
  });

  test('that nobody waits for are refused once too many bytes wait', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: blindMachine });
    const large = new Uint8Array(1_000_000);
    const writes = Array.from({ length: 67 }, () => rig.replica.write(large));
    const refused = rejectsWith(rig.replica.write(large), 'store-busy');
    const small = rig.replica.write(words(1));
    await rig.close();
    const codes = (await Promise.allSettled([...writes, small])).map((one) =>
      one.status === 'fulfilled' ? 'done' : (one.reason as LatticeError).code,
    );
    await refused;
    assert.ok(
      codes.every((code) => code === 'done' || code === 'store-closed'),
      codes.join(),
    );
  });

  test('stay in the order in which they were asked for', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const order = Array.from({ length: 50 }, (_, i) => i);
    await Promise.all(order.map((word) => rig.replica.write(words(word))));
    const said = logged(rig).flatMap(({ entry: { payload } }) =>
      [...payload.subarray(1)].filter((_, i) => i % 2 === 1),
    );
    assert.deepEqual(said, order);
  });

  test('of a store that is closed, or whose type is not known, are refused', async () => {
    const rig = await ReplicaRig.open({ genesis, machine: undefined });
    const { replica } = rig;
    await rejectsWith(replica.write(words(1)), 'store-type-unknown');
    const [inFlight, refused] = [replica.write(words(1)), rig.close()];
    await assert.rejects(inFlight, LatticeError);
    await refused;
    await rejectsWith(replica.write(words(1)), 'store-closed');
    await rig.close();
  });

  test('in flight when the store is closed are either done or refused, as the next opener sees', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    const { replica } = rig;
    const early = replica.write(words(1));
    await Promise.resolve();
    await Promise.resolve();
    const late = replica.write(words(2));
    await rig.close();
    const outcomes = await Promise.allSettled([early, late]);
    assert.deepEqual(
      outcomes.map(({ status }) => status),
      ['fulfilled', 'rejected'],
    );
    await rig.open();
    assert.deepEqual(wordsOf(rig.replica), [1]);
  });
});

interface Written {
  readonly entry: Hash;
}

function distinct(written: readonly Written[]): number {
  return new Set(written.map(({ entry }) => entry.join())).size;
}
