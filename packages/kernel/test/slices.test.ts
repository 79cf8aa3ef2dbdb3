import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import type { Replica } from '@lattice/kernel';
import { type Admission, LatticeError } from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import {
  bundleOf,
  describeReplica,
  everybody,
  type HistoryEntry,
  historyKey,
  interruptingTimers,
  opened,
  refOf,
  ReplicaRig,
  type RigOptions,
  VirtualTime,
} from '@lattice/testkit';
import { assertKeepsWhatItShould } from './support/counting-oracle.js';
import { horizonOf } from './support/exchange.js';
import { rejectsWith } from './support/rejects.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, viewTrace, words, wordsOf } from './support/trace.js';

const [ann, ben, cat] = [1, 2, 3];

describe('a bundle that goes in slice by slice', () => {
  test('is seen entry by entry, each with all of its operations and none before its ancestors', async () => {
    const { entries } = tell();
    await using run = await Run.open();
    const seen = new Set<string>();
    run.between = () => {
      seen.add(wordsOf(run.replica).join());
      for (const { deps } of heldOf(run.replica, entries))
        assert.equal(heldOf(run.replica, deps).length, deps.length);
    };
    await run.rig.receive(bundleOf(entries));
    assert.deepEqual([...seen], ['', '0,1', '0,1,2,3', '0,1,2,3,4,5']);
    assert.deepEqual(wordsOf(run.replica), allWords);
  });

  test('is told of once, as a whole: tips, digest, count and what is sent stay what they were', async () => {
    const story = tell();
    const entries = [...story.entries];
    await using run = await Run.open();
    await run.rig.receive(bundleOf([story.tell(cat, { words: [9] })]));
    const before = toldBy(run);
    const commits: number[] = [];
    run.replica.onCommit(({ bundle }) => commits.push(bundle.entries.length));
    let looks = 0;
    run.between = () => {
      looks++;
      assert.deepEqual(toldBy(run), before);
      assert.deepEqual(commits, []);
    };
    await run.rig.receive(bundleOf(entries));
    assert.ok(looks > entries.length);
    assert.deepEqual(commits, [entries.length]);
    assert.equal(run.replica.status().entries, entries.length + 1);
  });

  test('leaves whoever follows the state at the end of what is committed', async () => {
    const { entries } = tell();
    await using run = await Run.open();
    const ends = new Set<number>();
    run.between = () => {
      const { applied } = run.replica;
      const end = applied.end();
      ends.add(end.nextRef);
      assert.ok(applied.fits(end));
      if (end.nextRef > 0) assert.ok(applied.entryAt((end.nextRef - 1) as typeof end.nextRef));
    };
    await run.rig.receive(bundleOf(entries));
    assert.deepEqual([...ends], [0, 1, 2, 3]);
  });

  test('is completed after the process was killed in between, whenever that was', async () => {
    const { entries } = tell();
    for (let moment = 1, isOver = false; !isOver; moment++) {
      await using run = await Run.open();
      const earlier = await run.stateAt(moment, () => run.rig.receive(bundleOf(entries)));
      isOver = earlier === undefined;
      const whole = described(run.replica);
      await run.rig.reopen(earlier ?? 'killed');
      assert.deepEqual(described(run.replica), whole, `killed at moment ${moment}`);
    }
  });

  test('is completed at the next request after the disk was full in between', async () => {
    const { entries } = tell();
    for (let commit = 1; commit <= entries.length; commit++) {
      await using run = await Run.open();
      run.failCommit(commit);
      await rejectsWith(run.rig.receive(bundleOf(entries)), 'disk-full');
      assert.deepEqual(wordsOf(run.replica), allWords.slice(0, 2 * (commit - 1)));
      assert.equal(run.replica.status().entries, 0);
      await run.rig.replica.write(words(8));
      assert.deepEqual(wordsOf(run.replica), [...allWords, 8]);
      const whole = described(run.replica);
      await run.rig.reopen('state-lost');
      assert.deepEqual(described(run.replica), whole);
    }
  });

  test('is told of as a whole also when the rest of it went in only at the next request', async () => {
    const { entries } = tell();
    for (let commit = 1; commit <= entries.length; commit++) {
      await using run = await Run.open();
      const before = toldBy(run);
      run.failCommit(commit);
      await rejectsWith(run.rig.receive(bundleOf(entries)), 'disk-full');
      let looks = 0;
      run.between = () => {
        if (run.replica.status().entries === entries.length) return;
        looks++;
        assert.deepEqual(toldBy(run), before, `the disk was full at commit ${commit}`);
      };
      await run.rig.setAdmission(everybody);
      assert.ok(looks > 0);
    }
  });

  test('is told of as a whole also where the disk is full in the middle when the store is opened', async () => {
    const story = tell();
    const { entries } = story;
    const first = story.tell(ann, { words: [8] });
    const second = story.tell(cat, { words: [9] });
    for (let commit = 1, isOver = false; !isOver; commit++) {
      await using run = await Run.open();
      const told = [toldBy(run)];
      const empty = run.rig.keepState();
      for (const bundle of [bundleOf([...entries]), bundleOf([first, second])]) {
        await run.rig.receive(bundle);
        told.push(toldBy(run));
      }
      const letGo = run.fillFrom(commit);
      await run.rig.reopen(empty);
      isOver = !run.replica.status().behind;
      const toldBehind = toldBy(run);
      assert.ok(
        told.some((one) => isDeepStrictEqual(one, toldBehind)),
        `the disk was full from commit ${commit} on`,
      );
      letGo();
      await run.rig.setAdmission(everybody);
      assert.deepEqual(toldBy(run), told.at(-1));
    }
  });

  test('goes on in slices when it is replayed, and can be killed there too', async () => {
    const { entries } = tell();
    await using run = await Run.open();
    await run.rig.receive(bundleOf(entries));
    const whole = described(run.replica);
    for (let moment = 1, isOver = false; !isOver; moment++) {
      const earlier = await run.stateAt(moment, () => run.rig.reopen('state-lost'));
      isOver = earlier === undefined;
      assert.deepEqual(described(run.replica), whole);
      await run.rig.reopen(earlier);
      assert.deepEqual(described(run.replica), whole);
    }
  });
});

test('what counts because of an entry that the rules name counts after a kill, whenever that was', async () => {
  const story = new Story();
  const [a1, a2, a3, b1] = [ann, ann, ann, ben].map((author) => story.tell(author)) as Four;
  const admission = cuttingOff(ann, [a1, a3]);
  for (let moment = 1, isOver = false; !isOver; moment++) {
    await using run = await Run.open({ admission });
    await run.rig.receive(bundleOf([a1, a2]));
    // Now it is on record that the author was looked at under this rule.
    await run.rig.setAdmission(admission);
    assert.deepEqual(wordsOf(run.replica), [0]);
    const earlier = await run.stateAt(moment, () => run.rig.receive(bundleOf([a3, b1])));
    isOver = earlier === undefined;
    await run.rig.reopen(earlier ?? 'killed');
    assert.deepEqual(wordsOf(run.replica), [0, 1, 2, 3], `killed at moment ${moment}`);
    assertKeepsWhatItShould(run.replica, story, admission);
  }
});

describe('bundles that arrive together', () => {
  test('are admitted in the order in which they came, however long each takes to verify', async () => {
    const story = tell();
    const first = bundleOf([...story.entries]);
    const second = bundleOf([story.tell(ann, { words: [8] })]);
    await using run = await Run.open();
    const outcomes = await Promise.all([run.rig.receive(first), run.rig.receive(second)]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['admitted', 'admitted'],
    );
  });

  test('are not held up by one that does not verify', async () => {
    const { entries } = tell();
    const bytes = encodeBundle(bundleOf(entries), 'full');
    await using run = await Run.open();
    const outcomes = await Promise.all([
      run.replica.receive(bytes.subarray(0, 60), 'log'),
      run.rig.receive(bundleOf(entries)),
    ]);
    assert.deepEqual(
      outcomes.map(({ kind }) => kind),
      ['malformed', 'admitted'],
    );
  });

  test('are refused where the store is closed meanwhile', async () => {
    const { entries } = tell();
    await using run = await Run.open();
    const received = [bundleOf(entries), bundleOf(entries)].map((bundle) => run.rig.receive(bundle));
    const refused = Promise.all(received.map((one) => rejectsWith(one, 'store-closed')));
    await run.rig.close();
    await refused;
    await run.rig.open();
    assert.equal(run.replica.status().entries, 0);
  });
});

test('what waited behind a hole in the log is replayed after a kill, whenever that was', async () => {
  const story = new Story();
  const [a1, a2, a3] = [story.tell(ann), story.tell(ann), story.tell(ann)];
  const all = [a1, a2, a3, story.tell(ben, { deps: [a2] })];
  for (let moment = 1, isOver = false; !isOver; moment++) {
    await using run = await Run.open({ key: historyKey(0, ben) });
    for (const entry of all) await run.rig.receive(bundleOf([entry]));
    const [, hole] = [...run.rig.stored.log.itemsFrom(0)];
    assert.ok(hole);
    run.rig.stored.log.damage(hole.offset);
    await run.rig.reopen('state-lost');
    assert.deepEqual(wordsOf(run.replica), [0]);
    const earlier = await run.stateAt(moment, async () => {
      await run.rig.receive(bundleOf([a2]));
      await run.replica.settled();
    });
    isOver = earlier === undefined;
    await run.rig.reopen(earlier ?? 'killed');
    assert.deepEqual(wordsOf(run.replica), [0, 1, 2, 3], `killed at moment ${moment}`);
    await run.replica.write(words(9));
    assert.equal(run.replica.status().forks.size, 0);
  }
});

type Four = [HistoryEntry, HistoryEntry, HistoryEntry, HistoryEntry];

const allWords = [0, 1, 2, 3, 4, 5, 6, 7];

/** Four entries by two authors, each naming all before it and saying two words. */
function tell(): Story {
  const story = new Story();
  for (const author of [ann, ben, ann, ben]) {
    const at = 2 * story.entries.length;
    story.tell(author, { deps: story.entries.slice(-1), words: [at, at + 1] });
  }
  return story;
}

/** A replica all of whose long work is interrupted after each step. */
class Run implements AsyncDisposable {
  between: () => void = () => undefined;
  #rig: ReplicaRig | undefined;

  static async open(options: Partial<RigOptions> = {}): Promise<Run> {
    const run = new Run();
    const time = new VirtualTime();
    const timers = interruptingTimers(time, () => run.between());
    run.#rig = await ReplicaRig.open({ genesis, machine: traceMachine, timers, ...options });
    return run;
  }

  get rig(): ReplicaRig {
    assert.ok(this.#rig);
    return this.#rig;
  }

  get replica(): Replica {
    return this.rig.replica;
  }

  /** Does the work, and returns what brings back the state as it was when it rested for the nth time, if it did so often. */
  async stateAt(moment: number, work: () => Promise<unknown>): Promise<(() => void) | undefined> {
    let left = moment;
    let earlier: (() => void) | undefined;
    this.between = () => {
      if (--left === 0) earlier = this.rig.keepState();
    };
    await work();
    this.between = () => undefined;
    return earlier;
  }

  /** Fails the nth commit from now. */
  failCommit(nth: number): void {
    const { state } = this.rig.stored;
    const commit = state.commit.bind(state);
    let left = nth;
    state.commit = () => {
      if (--left === 0) state.failNextCommit('disk-full');
      commit();
    };
  }

  /** Fails that commit and all that follow, until what is returned is called. */
  fillFrom(nth: number): () => void {
    const { state } = this.rig.stored;
    const commit = state.commit.bind(state);
    let left = nth;
    state.commit = () => {
      if (--left <= 0) throw new LatticeError('disk-full', 'The disk is full.');
      commit();
    };
    return () => Reflect.deleteProperty(state, 'commit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rig.close();
  }
}

function heldOf(replica: Replica, entries: readonly HistoryEntry[]): readonly HistoryEntry[] {
  return entries.filter((entry) => replica.find(refOf(entry)) !== undefined);
}

/** What others are told, all of which must verify. */
function toldBy({ rig, replica }: Run): unknown {
  const sent = [...replica.outgoing([]).bundles(horizonOf(rig))].map(opened);
  const { entries, chains, digest } = replica.status();
  return { entries, chains, digest, tips: replica.tips(), sent: sent.map(({ hashes }) => hashes) };
}

function cuttingOff(author: number, named: readonly HistoryEntry[]): Admission {
  const { nodeId } = historyKey(0, author);
  const spans = [{ after: -1n as HistoryEntry['time'] }];
  const isCut = (other: Uint8Array) => other.every((byte, i) => byte === nodeId[i]);
  return {
    rule: (other) => ({ spans, cutOffs: isCut(other) ? [named.map(refOf)] : [] }),
    authors: () => [],
    alsoKept: () => named.map(refOf),
  };
}

function described(replica: Replica): unknown {
  return describeReplica(replica, viewTrace);
}
