import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeReplica, ReplicaRig } from '@lattice/testkit';
import { readsOf } from './support/log-reads.js';
import { genesis } from './support/story.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';

const everyTwo = { entries: 2, bytes: 1024 * 1024, copiedPerWritten: 1_000 };

describe('after a crash of the machine', () => {
  test('the state goes on from its last checkpoint, and no more is replayed than came since', async () => {
    await using rig = await openRig();
    await write(rig, 1, 5);
    assert.deepEqual(await readsOf(rig, () => rig.reopen('crashed')), { records: 1 });
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5]);
    await write(rig, 6, 1);
    assert.deepEqual(
      rig.replica.tips().map(({ seq }) => seq),
      [6],
    );
    assert.equal(rig.replica.status().forks.size, 0);
    const whole = described(rig);
    await rig.reopen('state-lost');
    assert.deepEqual(described(rig), whole);
  });

  test('all is replayed where there is no checkpoint yet', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await write(rig, 1, 5);
    assert.deepEqual(await readsOf(rig, () => rig.reopen('crashed')), { records: 5 });
  });

  test('a checkpoint that could not be kept costs a longer replay, and is tried again later', async () => {
    await using rig = await openRig();
    await write(rig, 1, 2);
    await rig.reopen();
    const { stored } = rig;
    const copies = stored.state.copies.bind(stored.state);
    let failed = 0;
    stored.state.copies = () => {
      failed++;
      throw new Error('no room');
    };
    await write(rig, 3, 3);
    assert.equal(failed, 1);
    stored.state.copies = copies;
    await write(rig, 6, 2);
    assert.deepEqual(await readsOf(rig, () => rig.reopen('crashed')), { records: 1 });
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5, 6, 7]);
  });
});

test('a long replay keeps checkpoints on its way, and one is kept for large payloads though they are few', async () => {
  await using rig = await openRig();
  await write(rig, 1, 4);
  rig.stored.checkpoint = undefined;
  await rig.reopen('state-lost');
  assert.notEqual(rig.stored.checkpoint, undefined);

  const policy = { entries: 1_000, bytes: 20, copiedPerWritten: 1_000 };
  await using large = await ReplicaRig.open({ genesis, machine: traceMachine, checkpointPolicy: policy });
  await large.replica.write(words(1));
  assert.equal(large.stored.checkpoint, undefined);
  await large.replica.write(words(...Array.from({ length: 20 }, (_, word) => word)));
  await large.reopen();
  assert.notEqual(large.stored.checkpoint, undefined);
});

test('the larger the state is, the more is written before it is copied again', async () => {
  const policy = { entries: 1, bytes: 1, copiedPerWritten: 2 };
  await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, checkpointPolicy: policy });
  const { stored } = rig;
  const copies = stored.state.copies.bind(stored.state);
  let kept = 0;
  stored.state.copies = () => {
    kept++;
    return copies();
  };
  await write(rig, 0, 64);
  assert.ok(kept >= 4 && kept <= 12, `${kept} copies`);
});

test('a checkpoint that the log does not go on from is gone with its state', async () => {
  await using other = await openRig();
  await write(other, 1, 6);
  await other.close();
  await using rig = await openRig();
  await write(rig, 11, 3);
  await rig.close();
  const { state, checkpoint } = other.stored;
  rig.stored.state.replace(state.copies());
  rig.stored.checkpoint = checkpoint;
  await rig.open();
  assert.deepEqual(wordsOf(rig.replica), [11, 12, 13]);
  assert.notEqual(rig.stored.checkpoint, checkpoint);
  await write(rig, 14, 4);
  await rig.reopen('crashed');
  assert.deepEqual(wordsOf(rig.replica), [11, 12, 13, 14, 15, 16, 17]);
});

test('a rebuild leaves no checkpoint of the state that it replaced', async () => {
  await using rig = await openRig();
  await write(rig, 1, 4);
  const table = rig.stored.checkpoint;
  assert.notEqual(table, undefined);
  await rig.replica.rebuild();
  assert.equal(rig.stored.checkpoint, undefined);
  await write(rig, 5, 1);
  await rig.reopen('crashed');
  assert.deepEqual(wordsOf(rig.replica), [1, 2, 3, 4, 5]);
});

function openRig(): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: traceMachine, checkpointPolicy: everyTwo });
}

async function write(rig: ReplicaRig, first: number, count: number): Promise<void> {
  for (let word = first; word < first + count; word++) {
    await rig.replica.write(words(word));
    // Resolves some turns later, by when what the write set off in memory is over.
    await rig.replica.settled();
    await new Promise(setImmediate);
  }
}

function described(rig: ReplicaRig): unknown {
  return describeReplica(rig.replica, viewTrace);
}
