import assert from 'node:assert/strict';
import { describe, mock, test } from 'node:test';
import { equalBytes, type Hash, type LocalRef } from '@lattice/model';
import { MemoryLog } from '@lattice/storage';
import { bundleOf, ReplicaRig } from '@lattice/testkit';
import { readsOf } from './support/log-reads.js';
import { logged } from './support/logged.js';
import { rejectsWith } from './support/rejects.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, words, wordsOf } from './support/trace.js';

const ann = 1;

describe('the state follows what was acknowledged', () => {
  test('so that whoever looks finds it, and soon without anybody looking', async () => {
    await using rig = await open();
    const heard = hearing(rig);
    const { entry, ref } = await rig.replica.write(words(1));
    assert.deepEqual(heard, [], 'the writer was told first');
    assert.ok(equalBytes(rig.replica.info(ref).hash, entry));
    assert.deepEqual(wordsOf(rig.replica), [1]);
    assert.deepEqual(heard, [], 'a reader does not wait for those who listen');
    await rig.time.advance(0);
    assert.deepEqual(heard, ['1']);
    await rig.replica.write(words(2));
    await rig.time.advance(0);
    assert.deepEqual(heard, ['1', '1,2']);
  });

  test('whichever way it is looked at', async () => {
    await using rig = await open();
    const looks: ((entry: Hash, ref: LocalRef, seq: number) => boolean)[] = [
      (entry) => rig.replica.tips().some(({ hash }) => equalBytes(hash, entry)),
      (_, __, seq) => rig.replica.entriesKept() === seq,
      (_, __, seq) => rig.replica.status().entries === seq,
      (_, __, seq) => [...rig.replica.history()].length === seq,
      (entry, ref) => equalBytes(rig.replica.info(ref).hash, entry),
      (_, ref) => rig.replica.applied.end().nextRef === ref + 1,
      (_, __, seq) => rig.replica.ownSeq() === seq,
      (_, ref) => rig.replica.chainOf(ref) === 0,
      (_, __, seq) => {
        using snapshot = rig.replica.snapshot();
        return [...snapshot.state.range()].length === seq;
      },
    ];
    let seq = 0;
    for (const look of looks) {
      const before = rig.replica.digest();
      const { entry, ref } = await rig.replica.write(words(seq++));
      assert.ok(look(entry, ref, seq), `look ${seq}`);
      assert.ok(!equalBytes(rig.replica.digest(), before));
    }
  });

  test('while the log syncs the next, of which nothing shows before that is done', async () => {
    await using rig = await open();
    const heard = hearing(rig);
    await rig.replica.write(words(1));
    const sync = holdAppend();
    const second = rig.replica.write(words(2));
    await rig.time.advance(0);
    assert.equal(sync.isHeld(), true);
    assert.deepEqual(heard, ['1'], 'told while the next is on its way');
    assert.deepEqual(wordsOf(rig.replica), [1]);
    assert.equal(rig.replica.entriesKept(), 1);
    sync.finish();
    const { ref } = await second;
    assert.equal(ref, 1);
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
    assert.deepEqual(
      logged(rig).map(({ entry: { seq, deps } }) => [seq, deps.length]),
      [
        [1, 0],
        [2, 0],
      ],
    );
  });

  test('and where the next cannot be appended, it has that one alone, and what comes then takes its place', async () => {
    await using rig = await open();
    const first = rig.replica.write(words(1));
    const second = first.then(() => {
      rig.disk.stores.forEach(({ log }) => log.failNextAppend('disk-full'));
      return rig.replica.write(words(2));
    });
    await rejectsWith(second, 'disk-full');
    assert.deepEqual(wordsOf(rig.replica), [1]);
    await rig.replica.write(words(3));
    assert.deepEqual(wordsOf(rig.replica), [1, 3]);
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [1, 3]);
    assert.equal(rig.replica.status().forks.size, 0);
  });

  test('and where it cannot take it in, it has both from the log when the next is there', async () => {
    await using rig = await open();
    const heard = hearing(rig);
    await rig.replica.write(words(1));
    await rig.time.advance(0);
    rig.stored.state.failNextCommit('disk-failed');
    await rig.replica.write(words(2));
    const { entry, ref } = await rig.replica.write(words(3));
    assert.ok(equalBytes(rig.replica.info(ref).hash, entry));
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
    assert.equal(rig.replica.status().behind, false);
    await rig.replica.write(words(4));
    await rig.time.advance(0);
    assert.deepEqual(heard, ['1', '1,2,3,4']);
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4]);
    assert.equal(rig.replica.status().forks.size, 0);
  });

  test('before what peers send is placed, and the next entry names that', async () => {
    const story = new Story();
    await using rig = await open();
    const heard = hearing(rig);
    await rig.replica.write(words(1));
    const arriving = rig.receive(bundleOf([story.tell(ann)]));
    await Promise.all([rig.replica.write(words(2)), arriving]);
    await rig.replica.write(words(3));
    await rig.time.advance(0);
    assert.equal(rig.replica.tips().length, 2);
    assert.equal(heard.length, 4);
    const named = logged(rig).reduce((sum, { entry: { deps } }) => sum + deps.length, 0);
    assert.equal(named, 1, 'once');
  });

  test('and is there for the conditions of the next write', async () => {
    await using rig = await open();
    await rig.replica.write(words(1));
    const seen: number[][] = [];
    await rig.replica.write(words(2), {
      check: () => {
        seen.push(wordsOf(rig.replica));
        return undefined;
      },
    });
    assert.deepEqual(seen, [[1]]);
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
  });

  test('when the store is closed at once', async () => {
    await using rig = await open();
    const heard = hearing(rig);
    await rig.replica.write(words(1));
    await rig.close();
    assert.equal(heard.length, 1);
    const read = await readsOf(rig, () => rig.open());
    assert.deepEqual(wordsOf(rig.replica), [1]);
    assert.deepEqual(read, { records: 0 }, 'nothing is left to replay');
  });

  test('and the process may end in between', async () => {
    await using rig = await open();
    for (const word of [1, 2, 3]) await rig.replica.write(words(word));
    rig.disk.kill();
    await rig.reopen('killed');
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
    assert.equal(rig.replica.status().forks.size, 0);
  });
});

function open(): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine });
}

/** What was in the state whenever somebody was told of a commit. */
function hearing(rig: ReplicaRig): string[] {
  const heard: string[] = [];
  const { replica } = rig;
  replica.onCommit(() => heard.push(wordsOf(replica).join()));
  return heard;
}

/** The next append is begun once it is told to be. */
function holdAppend(): { isHeld(): boolean; finish(): void } {
  let finish: (() => void) | undefined;
  const held = mock.method(
    MemoryLog.prototype,
    'append',
    async function (this: MemoryLog, records: readonly Uint8Array[]) {
      held.mock.restore();
      await new Promise<void>((resolve) => (finish = resolve));
      return this.append(records);
    },
  );
  return { isHeld: () => finish !== undefined, finish: () => finish?.() };
}
