import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Replica } from '@lattice/kernel';
import { LatticeError, toHex } from '@lattice/model';
import {
  bundleOf,
  bundlesOf,
  causalOrder,
  describeReplica,
  Dice,
  type Ending,
  endOfTimeMs,
  everybody,
  forksOf,
  hastyTimers,
  playHistory,
  ReplicaRig,
  VirtualTime,
} from '@lattice/testkit';
import fc from 'fast-check';
import { allBut, drawAdmission } from './support/admissions.js';
import { assertKeepsWhatItShould } from './support/counting-oracle.js';
import { readsOf } from './support/log-reads.js';
import { logged } from './support/logged.js';
import { rejectsWith } from './support/rejects.js';
import { runs } from './support/runs.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const [ann, ben] = [1, 2];

describe('where the disk is full when a store is opened', () => {
  test('it serves what its state has, refuses to write, and says so; it catches up by itself when there is room', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.replica.write(words(1));
    const behind = rig.keepState();
    await rig.replica.write(words(2));
    const fill = () => {
      rig.stored.state.commit = () => {
        throw new LatticeError('disk-full', 'The disk is full.');
      };
    };
    await rig.reopen(() => {
      behind();
      fill();
    });
    assert.deepEqual(wordsOf(rig.replica), [1]);
    assert.equal(rig.replica.status().behind, true);
    for (let time = 0; time < 2; time++) {
      await rejectsWith(rig.replica.write(words(3)), 'disk-full');
      await rig.time.advance(6_000);
      assert.deepEqual(wordsOf(rig.replica), [1]);
    }
    Reflect.deleteProperty(rig.stored.state, 'commit');
    await rig.time.advance(6_000);
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
    assert.equal(rig.replica.status().behind, false);
    await rig.replica.write(words(3));
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
    assert.equal(rig.replica.status().forks.size, 0);
  });
});

describe('when the log cannot be appended to', () => {
  test('all who share the entry hear of it, and nothing is applied', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.replica.write(words(1));
    const before = described(rig.replica);
    rig.stored.log.failNextAppend('disk-full');
    const writes = [2, 3].map((word) => rig.replica.write(words(word)));
    for (const write of writes) await rejectsWith(write, 'disk-full');
    assert.deepEqual(described(rig.replica), before);
  });

  test('the next write takes the same place, and nothing is forked', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    rig.stored.log.failNextAppend('disk-failed');
    await rejectsWith(rig.replica.write(words(1)), 'disk-failed');
    await rig.replica.write(words(2));
    assert.deepEqual(
      rig.replica.tips().map(({ seq }) => seq),
      [1],
    );
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [2]);
    assert.equal(rig.replica.status().forks.size, 0);
  });

  test("a peer's bundle is not taken, and can be taken later", async () => {
    const story = new Story();
    const bundle = bundleOf([story.tell(ann)]);
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    rig.stored.log.failNextAppend('disk-full');
    await rejectsWith(rig.receive(bundle), 'disk-full');
    assert.equal(rig.replica.status().entries, 0);
    assert.deepEqual(await rig.receive(bundle), { kind: 'admitted', entries: 1 });
  });
});

describe('when the state cannot be committed', () => {
  test('an own write is in the log all the same, and the next request finds it there', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.replica.write(words(1));
    rig.stored.state.failNextCommit('disk-full');
    await rig.replica.write(words(2));
    assert.deepEqual(wordsOf(rig.replica), [1]);
    assert.equal(rig.replica.status().behind, true);
    await rig.replica.write(words(3));
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
    assert.equal(rig.replica.status().behind, false);
    assert.deepEqual(
      rig.replica.tips().map(({ seq }) => seq),
      [3],
    );
    const before = described(rig.replica);
    await rig.reopen('state-lost');
    assert.deepEqual(described(rig.replica), before);
  });

  test('the writer of what decides what counts hears that it is in the log all the same', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, projectUncounted: true });
    await rig.replica.write(words(1));
    rig.stored.state.failNextCommit('disk-full');
    await assert.rejects(rig.replica.write(words(2)), {
      code: 'disk-full',
      message:
        /told to fail\. What was to be written is in the log all the same, .*before you write it again/,
    });
  });

  test('and that is known before, nothing is written', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.replica.write(words(1));
    await rig.replica.write(words(2));
    rig.stored.state.requireRoom = () => {
      throw new LatticeError('disk-full', 'The disk is full.');
    };
    await assert.rejects(rig.replica.write(words(3)), { code: 'disk-full', message: 'The disk is full.' });
    Reflect.deleteProperty(rig.stored.state, 'requireRoom');
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [1, 2], 'what was refused does not appear');
  });

  test('and what was committed before cannot be read back at once either, it is read later', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.replica.write(words(1));
    const { tables } = rig.stored.state;
    const get = tables.get.bind(tables);
    let readInVain = 0;
    rig.stored.state.commit = () => {
      Reflect.deleteProperty(rig.stored.state, 'commit');
      tables.get = () => {
        tables.get = get;
        readInVain++;
        throw new LatticeError('disk-failed', 'The disk failed.');
      };
      throw new LatticeError('disk-full', 'The disk is full.');
    };
    await rig.replica.write(words(2));
    await rig.time.advance(0);
    assert.equal(readInVain, 1);
    await rig.replica.write(words(3));
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
    await rig.reopen('state-lost');
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
  });

  test('and neither when it is read back, nothing is lost', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    rig.stored.state.failNextCommit('disk-full');
    await rig.replica.write(words(1));
    rig.stored.state.failNextCommit('disk-full');
    await rejectsWith(rig.replica.write(words(2)), 'disk-full');
    await rig.replica.write(words(3));
    assert.deepEqual(wordsOf(rig.replica), [1, 3], 'what is refused comes behind what could not be mended');
  });

  test('what waited for that bundle is taken once it is read back', async () => {
    const story = new Story();
    const [a1, a2] = [story.tell(ann), story.tell(ann)];
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    assert.equal((await rig.receive(bundleOf([a2]))).kind, 'pending');
    rig.stored.state.failNextCommit('disk-full');
    await rejectsWith(rig.receive(bundleOf([a1])), 'disk-full');
    await rig.replica.write(words(9));
    await rig.time.advance(0);
    assert.deepEqual(wordsOf(rig.replica), [0, 1, 9]);
    assert.equal(rig.replica.status().pending, 0);
  });

  for (const nth of [1, 2, 3, 4, 5, 6]) {
    test(`a change of the admission that fails at its commit ${nth} is made at the next request`, async () => {
      const story = new Story();
      await using rig = await ReplicaRig.open({
        genesis,
        machine: traceMachine,
        timers: hastyTimers(new VirtualTime()),
      });
      for (const author of [ann, ben, ann]) await rig.receive(bundleOf([story.tell(author)]));
      const admission = allBut(0, ann);
      failCommit(rig, nth);
      await rig.setAdmission(admission).catch(() => undefined);
      const later = story.tell(ben);
      await insist(() => rig.receive(bundleOf([later])));
      assertKeepsWhatItShould(rig.replica, story, admission);
      assert.deepEqual(wordsOf(rig.replica), [1, 3]);
      const settled = described(rig.replica);
      await insist(() => rig.reopen('state-lost'));
      assert.deepEqual(described(rig.replica), settled);
    });
  }
});

describe('a process that is killed', () => {
  test('while it appends has written nothing', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.replica.write(words(1));
    const unfinished = rig.replica.write(words(2));
    await Promise.resolve();
    await Promise.resolve();
    rig.disk.kill();
    await assert.rejects(unfinished);
    await rig.reopen('killed');
    assert.deepEqual(wordsOf(rig.replica), [1]);
  });

  test('after the append and before the state finds its write in the log', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    await rig.replica.write(words(1));
    const earlier = rig.keepState();
    await rig.replica.write(words(2));
    await rig.reopen(earlier);
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
    await rig.replica.write(words(3));
    assert.deepEqual(
      rig.replica.tips().map(({ seq }) => seq),
      [3],
    );
    assert.equal(rig.replica.status().forks.size, 0);
  });

  test('reads no more of its log than its state lacks', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    for (const word of [1, 2, 3]) await rig.replica.write(words(word));
    const earlier = rig.keepState();
    await rig.replica.write(words(4));
    for (const [ending, records] of [
      ['closed', 0],
      [earlier, 1],
      ['killed', 0],
      ['state-lost', 4],
    ] as const)
      assert.deepEqual(await readsOf(rig, () => rig.reopen(ending)), { records });
  });

  test('with a machine that crashed has its acknowledged writes', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    for (const word of [1, 2, 3]) await rig.replica.write(words(word));
    rig.disk.crash();
    await rig.reopen('killed');
    assert.deepEqual(wordsOf(rig.replica), [1, 2, 3]);
  });
});

test('whatever fails, the state is what the log says, and every acknowledged write is in it', async () => {
  await fc.assert(
    fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
      const [history, dice] = [playHistory(script, traceHistory), new Dice(seed)];
      const time = new VirtualTime({ nowMs: endOfTimeMs });
      const timers = dice.oneIn(2) ? hastyTimers(time) : time;
      await using rig = await ReplicaRig.open({
        genesis: history.genesis,
        machine: traceMachine,
        time,
        timers,
        checkpointPolicy: { entries: 1 + dice.below(9), bytes: 1_000, copiedPerWritten: 3 },
      });
      const acknowledged = new Set<string>();
      let earlier = rig.keepState();
      const work: Promise<unknown>[] = [];
      for (const bundle of bundlesOf(causalOrder(new Set(history.entries), dice), dice)) {
        if (dice.oneIn(4)) rig.stored.log.failNextAppend('disk-full');
        if (dice.oneIn(4)) rig.stored.state.failNextCommit('disk-full');
        if (dice.oneIn(3)) {
          const write = rig.replica.write(words(dice.below(256)));
          work.push(write.then(({ entry }) => acknowledged.add(toHex(entry))));
        }
        if (dice.oneIn(4))
          work.push(rig.replica.setAdmission(drawAdmission(history, dice, { withCutOffs: true })));
        work.push(rig.receive(bundle));
        if (dice.oneIn(2)) await Promise.allSettled(work.splice(0));
        if (dice.oneIn(5)) earlier = rig.keepState();
        if (dice.oneIn(5)) {
          const ending = dice.pick<Ending>(['closed', 'killed', 'crashed', 'state-lost', earlier]);
          await Promise.allSettled([...work.splice(0), insist(() => rig.reopen(ending))]);
        }
      }
      await Promise.allSettled(work);
      await insist(() => rig.reopen());
      await insist(() => rig.setAdmission(everybody));
      for (const entry of history.entries) await insist(() => rig.receive(bundleOf([entry])));
      await insist(() => rig.replica.write(words(1)));
      await rig.replica.settled();

      assert.deepEqual(new Map(rig.replica.status().forks), forksOf(new Set(history.entries)));
      for (const { ref } of logged(rig)) acknowledged.delete(toHex(ref.hash));
      assert.deepEqual([...acknowledged], []);
      const settled = described(rig.replica);
      await rig.reopen('state-lost');
      assert.deepEqual(described(rig.replica), settled);
    }),
    { numRuns: runs(30), includeErrorInReport: true },
  );
});

/** Fails the nth commit from now. */
function failCommit({ stored: { state } }: ReplicaRig, nth: number): void {
  const commit = state.commit.bind(state);
  let left = nth;
  state.commit = () => {
    if (--left === 0) state.failNextCommit('disk-full');
    commit();
  };
}

/** Until what was told to fail has done so. */
async function insist(work: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; tries < 3; tries++) {
    const failed = await work().then(
      () => false,
      () => true,
    );
    if (!failed) return;
  }
  await work();
}

function described(replica: Replica): unknown {
  return describeReplica(replica, viewTrace);
}
