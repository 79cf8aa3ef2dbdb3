import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { StoreProblem } from '@lattice/kernel';
import {
  bundleOf,
  everybody,
  hastyTimers,
  historyBeginsMs,
  historyKey,
  interruptingTimers,
  ReplicaRig,
  VirtualTime,
} from '@lattice/testkit';
import { rejectsWith } from './support/rejects.js';
import { genesis, Story } from './support/story.js';
import { traceMachine, words, wordsOf } from './support/trace.js';

const [ann, ben] = [1, 2];
/** Where a bundle of one chain has its signature: behind the form, the number of chains, author, seq and `prev`. */
const signatureAt = 1 + 1 + 32 + 1 + 32;

describe('the check of a store', () => {
  test('finds nothing wrong with a healthy one, and counts what it verified', async () => {
    await using rig = await openRig();
    const { entries, bundles, signatures, ...found } = await rig.replica.check();
    assert.deepEqual({ entries, bundles, signatures }, { entries: 6, bundles: 5, signatures: 6 });
    assert.deepEqual(found, { problems: [], problemCount: 0, compared: true });
    for (const ending of ['closed', 'killed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.equal((await rig.replica.check()).problemCount, 0);
    }
  });

  test('finds nothing wrong while others write, are let in, and the rules change', async () => {
    const time = new VirtualTime();
    await using rig = await openRig({ time, timers: hastyTimers(time) });
    const checking = rig.replica.check();
    for (let word = 10; word < 30; word++) {
      await rig.replica.write(words(word));
      if (word === 20) await rig.setAdmission({ ...everybody });
    }
    await using peer = await ReplicaRig.open({ genesis, machine: traceMachine });
    await peer.replica.write(words(99));
    const [bundle] = [...peer.replica.outgoing([]).bundles(peerHorizon)];
    assert.ok(bundle);
    await rig.receive(bundle);
    const { problems, compared, entries } = await checking;
    assert.deepEqual({ problems, compared }, { problems: [], compared: true });
    assert.ok(entries >= 6);
  });

  for (const { what, at, kind } of [
    { what: 'a signature', at: signatureAt, kind: 'signature-wrong' },
    { what: 'an author', at: 5, kind: 'signature-wrong' },
    { what: 'the form of a bundle', at: 0, kind: 'record-malformed' },
  ]) {
    test(`finds a flipped byte in ${what}, though the checksum fits, and where it is`, async () => {
      await using rig = await openRig();
      const offset = flipInRecord(rig, 1, at);
      const { problems, compared } = await rig.replica.check();
      const [first] = problems;
      assert.equal(first?.kind, kind);
      assert.equal('offset' in first && first.offset, offset);
      assert.equal(compared, false);
    });
  }

  test('finds a flipped byte in every place of a record', async () => {
    await using rig = await openRig();
    const [, item] = [...rig.stored.log.itemsFrom(0)];
    assert.ok(item?.kind === 'record');
    for (let at = 0; at < item.record.length; at++) {
      const byte = item.record[at] ?? 0;
      item.record[at] = byte ^ 1;
      assert.notEqual((await rig.replica.check()).problemCount, 0, `byte ${at}`);
      item.record[at] = byte;
    }
    assert.equal((await rig.replica.check()).problemCount, 0);
  });

  test('finds a record that is lost, and what waits for it', async () => {
    await using rig = await openRig();
    const [, second] = [...rig.stored.log.itemsFrom(0)];
    assert.ok(second);
    rig.stored.log.damage(second.offset);
    const { problems, compared } = await rig.replica.check();
    assert.deepEqual(kindsOf(problems), ['log-damaged', 'ancestor-missing']);
    assert.equal(compared, false);
  });

  test('finds a chain of another store', async () => {
    await using rig = await openRig();
    await using other = await ReplicaRig.open({
      genesis: { ...genesis, random: new Uint8Array(32).fill(1) },
      machine: traceMachine,
    });
    await other.replica.write(words(1));
    const [item] = [...other.stored.log.itemsFrom(0)];
    assert.ok(item?.kind === 'record');
    rig.stored.log.append([item.record]);
    const { problems } = await rig.replica.check();
    assert.deepEqual(kindsOf(problems), ['record-of-another-store']);
  });

  for (const table of ['entries', 'runs', 'joins', 'chains']) {
    test(`finds what is swapped, lost and added in the index of ${table}`, async () => {
      await using rig = await openRig();
      const tree = rig.stored.state.tables.get(table);
      assert.ok(tree);
      const [first, last] = [tree.minKey(), tree.maxKey()];
      assert.ok(first && last);
      const [one, other] = [tree.get(first), tree.get(last)];
      assert.ok(one && other);
      if (tree.size > 1) {
        tree.set(first, other);
        tree.set(last, one);
        assert.deepEqual(kindsOf((await rig.replica.check()).problems), ['index-differs', 'index-differs']);
      }
      tree.set(first, one);
      tree.delete(last);
      tree.set(Uint8Array.of(255, 255), one);
      const { problems, problemCount } = await rig.replica.check();
      assert.deepEqual(kindsOf(problems), ['index-differs', 'index-differs']);
      assert.equal(problemCount, 2);
    });
  }

  test('finds a flipped byte in the state, and says of which key', async () => {
    await using rig = await openRig();
    const key = flipInState(rig);
    const { problems, compared } = await rig.replica.check();
    const [problem, ...others] = problems;
    assert.ok(problem?.kind === 'state-differs');
    assert.deepEqual(problem.difference.key, key);
    assert.deepEqual(others, []);
    assert.equal(compared, true);
  });

  test('changes neither log nor state, whatever it finds', async () => {
    await using rig = await openRig();
    flipInState(rig);
    const before = contentOf(rig);
    await rig.replica.check();
    assert.deepEqual(contentOf(rig), before);
  });

  test('ends when it is told to, and when the store is closed', async () => {
    const time = new VirtualTime();
    await using rig = await openRig({ time, timers: hastyTimers(time) });
    const stop = new AbortController();
    const stopped = rig.replica.check({ signal: stop.signal, onProgress: () => stop.abort() });
    await assert.rejects(stopped, { name: 'AbortError' });
    const checking = rejectsWith(rig.replica.check(), 'store-closed');
    await rig.close();
    await checking;
  });
});

test('a check rests between the entries and signatures of one record', async () => {
  const story = new Story();
  for (let author = 1; author <= 50; author++) story.tell(author);
  let rests = 0;
  const time = new VirtualTime({ nowMs: historyBeginsMs });
  const timers = interruptingTimers(time, () => void rests++);
  await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, time, timers });
  await rig.receive(bundleOf(story.entries));
  let restsBefore: number | undefined;
  rests = 0;
  const { problems } = await rig.replica.check({ onProgress: () => (restsBefore ??= rests) });
  assert.deepEqual(problems, []);
  assert.ok((restsBefore ?? 0) >= 100, `${restsBefore} rests until the record was verified`);
});

describe('the rebuild of a store', () => {
  test('puts right what is wrong with index and state, and leaves the log alone', async () => {
    await using rig = await openRig();
    const before = wordsOf(rig.replica);
    flipInState(rig);
    for (const table of ['entries', 'runs', 'joins']) {
      const tree = rig.stored.state.tables.get(table);
      const last = tree?.maxKey();
      assert.ok(tree && last);
      tree.set(last, new Uint8Array(tree.get(last)?.length ?? 0));
    }
    const log = [...rig.stored.log.itemsFrom(0)];
    assert.deepEqual(await rig.replica.rebuild(), {
      entries: 6,
      givenUp: 0,
      reissued: 0,
      lost: 0,
      places: 0,
    });
    assert.equal((await rig.replica.check()).problemCount, 0);
    assert.deepEqual(wordsOf(rig.replica), before);
    assert.deepEqual([...rig.stored.log.itemsFrom(0)], log);
    await rig.reopen('killed');
    assert.equal((await rig.replica.check()).problemCount, 0);
  });

  test('goes on with its own chain, and serves reads and writes meanwhile', async () => {
    const time = new VirtualTime();
    await using rig = await openRig({ time, timers: hastyTimers(time) });
    const rebuilding = rig.replica.rebuild();
    for (let word = 10; word < 20; word++) {
      await rig.replica.write(words(word));
      assert.ok(wordsOf(rig.replica).includes(word));
    }
    await rebuilding;
    await rig.replica.write(words(30));
    assert.equal(rig.replica.status().forks.size, 1, 'that of the history, and none of its own');
    assert.equal((await rig.replica.check()).problemCount, 0);
    assert.equal(wordsOf(rig.replica).length, 17);
  });

  test('is refused where the log has lost what the state shows, and forced leaves a waiting hole that a peer fills', async () => {
    await using rig = await openRig();
    const [, second] = [...rig.stored.log.itemsFrom(0)];
    assert.ok(second);
    rig.stored.log.damage(second.offset);
    const before = wordsOf(rig.replica);
    await rejectsWith(rig.replica.rebuild(), 'log-lost-entries');
    assert.deepEqual(wordsOf(rig.replica), before);
    await rig.replica.rebuild({ force: true });
    assert.equal(rig.replica.status().damaged, true);
    await rig.receive(bundleOf(history().entries));
    await rig.time.advance(0);
    await rig.replica.mend();
    assert.equal(rig.replica.status().damaged, false);
    assert.equal((await rig.replica.check()).compared, true);
  });

  test('is refused where it would forget what this node wrote last', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    for (const word of [1, 2]) await rig.replica.write(words(word));
    const [, last] = [...rig.stored.log.itemsFrom(0)];
    assert.ok(last);
    rig.stored.log.damage(last.offset);
    await rejectsWith(rig.replica.rebuild(), 'store-damaged');
    assert.deepEqual(wordsOf(rig.replica), [1, 2]);
  });
});

const peerHorizon = (1n << 62n) as Parameters<ReturnType<ReplicaRig['replica']['outgoing']>['bundles']>[0];

/** a1, a2 with a branch beside it, b1 that sees both, a3; and an entry of its own. */
async function openRig(options: Partial<Parameters<typeof ReplicaRig.open>[0]> = {}): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: traceMachine, key: historyKey(0, 9), ...options });
  const [first, second, branch, ...others] = history().entries;
  assert.ok(first && second && branch);
  await rig.receive(bundleOf([first]));
  await rig.receive(bundleOf([second]));
  await rig.receive(bundleOf([branch]));
  await rig.receive(bundleOf(others));
  await rig.replica.write(words(5));
  return rig;
}

function history(): Story {
  const story = new Story();
  const first = story.tell(ann);
  const second = story.tell(ann);
  const branch = story.tell(ann, { after: first });
  story.tell(ben, { deps: [second, branch] });
  story.tell(ann, { after: second });
  return story;
}

function flipInRecord({ stored }: ReplicaRig, index: number, at: number): number {
  const item = [...stored.log.itemsFrom(0)][index];
  assert.ok(item?.kind === 'record');
  item.record[at] = (item.record[at] ?? 0) ^ 1;
  return item.offset;
}

/** Of the first record that has a value. */
function flipInState({ stored }: ReplicaRig): Uint8Array {
  const tree = [...stored.state.tables].find(([name]) => name.startsWith('state-'))?.[1];
  const key = tree?.minKey();
  const value = key && tree?.get(key)?.slice();
  assert.ok(tree && key && value);
  value[0] = (value[0] ?? 0) ^ 1;
  tree.set(key, value);
  return key;
}

function contentOf({ stored }: ReplicaRig): unknown {
  const tables = [...stored.state.tables].map(([name, tree]) => [name, [...tree.entries()]]);
  return { tables, log: [...stored.log.itemsFrom(0)] };
}

function kindsOf(problems: readonly StoreProblem[]): string[] {
  return problems.map(({ kind }) => kind);
}
