import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { HistoryEntry as Told } from '@lattice/kernel';
import { compareBytes, compareEntryRefs, toHex } from '@lattice/model';
import { decodePayload, MalformedError } from '@lattice/proto';
import {
  bundleOf,
  deliver,
  Dice,
  type History,
  type HistoryEntry,
  playHistory,
  refOf,
  replacedOf,
  ReplicaRig,
  seesEntry,
  tipsOf,
} from '@lattice/testkit';
import fc from 'fast-check';
import { allBut } from './support/admissions.js';
import { runs } from './support/runs.js';
import { genesis, Story } from './support/story.js';
import { traceMachine } from './support/trace.js';
import { seeds, traceHistory, traceScripts } from './support/trace-history.js';

const [ann, ben] = [1, 2];
const report = { includeErrorInReport: true };

describe('a history', () => {
  test('has every entry once, newest first, with what it follows, whatever order all arrived in', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const history = playHistory(script, traceHistory);
        await using rig = await ReplicaRig.open({ genesis: history.genesis, machine: traceMachine });
        await deliver(rig, history, new Dice(seed));
        assert.deepEqual([...rig.replica.history()].map(textOf), expectedHistory(history));
        await rig.reopen('state-lost');
        assert.deepEqual([...rig.replica.history()].map(textOf), expectedHistory(history));
      }),
      { numRuns: runs(40), ...report },
    );
  });

  test('says how far each author’s latest chain has seen the others', async () => {
    await fc.assert(
      fc.asyncProperty(traceScripts, seeds, async (script, seed) => {
        const history = playHistory(script, traceHistory);
        await using rig = await ReplicaRig.open({ genesis: history.genesis, machine: traceMachine });
        await deliver(rig, history, new Dice(seed));
        const authors = [...rig.replica.authors()].map((one) => ({
          author: toHex(one.author),
          chains: one.chains.map(({ seq, entry }) => `${seq} ${toHex(entry)}`).sort(),
          latest: toHex(one.chains[0]?.entry ?? new Uint8Array()),
          seen: [...one.seen()].map(({ author, seq, of }) => `${toHex(author)} ${seq} of ${of}`),
        }));
        assert.deepEqual(
          authors,
          expectedAuthors(history, new Map(authors.map((a) => [a.author, a.latest]))),
        );
      }),
      { numRuns: runs(30), ...report },
    );
  });

  test('tells merges, what no node can read, what a newer version wrote, and no more than 16 operations', async () => {
    const story = new Story();
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    story.tell(ann, { words: Array.from({ length: 20 }, (_, i) => i) });
    story.tell(ben, { words: [] });
    await rig.receive(bundleOf(story.entries));
    const [merge, many] = [...rig.replica.history()];
    assert.deepEqual([merge?.operations, merge?.operationCount], [[], 0]);
    assert.deepEqual([many?.operations.length, many?.operationCount], [16, 20]);
    const mute = { ...traceMachine, decode: () => ({ kind: 'invalid-op', reason: '' }) as const };
    await rig.reopen('closed', mute);
    assert.deepEqual([...rig.replica.history()][1]?.operations, [{ op: 'invalid', valueBytes: 0 }]);
  });

  test('of a store whose type is not known here says so, and has its entries all the same', async () => {
    const story = new Story();
    await using rig = await ReplicaRig.open({ genesis, machine: undefined });
    await rig.receive(bundleOf([story.tell(ann)]));
    const [only, ...others] = [...rig.replica.history()];
    assert.deepEqual([only?.operations, others], [[{ op: 'unknown', valueBytes: 0 }], []]);
  });

  test('shows what does not count, and that it does not', async () => {
    const story = new Story();
    const admission = allBut(0, ben);
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine, admission });
    const first = story.tell(ann);
    const uncounted = story.tell(ben, { deps: [first] });
    await rig.receive(bundleOf([first, uncounted]));
    assert.deepEqual(
      [...rig.replica.history()].map(({ counts, head }) => [counts, head]),
      [
        [false, true],
        [true, false],
      ],
    );
  });

  test('that goes on while others write is that of the moment it began', async () => {
    const story = new Story();
    await using rig = await ReplicaRig.open({ genesis, machine: traceMachine });
    for (let i = 0; i < 200; i++) await rig.receive(bundleOf([story.tell(ann)]));
    const told: string[] = [];
    for (const { entry } of rig.replica.history()) {
      told.push(toHex(entry));
      if (told.length % 50 === 0) await rig.receive(bundleOf([story.tell(ben), story.tell(ann)]));
    }
    const before = story.entries.slice(0, 200).reverse();
    assert.deepEqual(
      told,
      before.map(({ hash }) => toHex(hash)),
    );
  });
});

function textOf(told: Told) {
  const { entry, author, seq, time, deps, head, counts, replaced, instead, forked, operationCount } = told;
  const marks = [
    head && 'head',
    counts && 'counts',
    replaced && 'replaced',
    forked && 'forked',
    instead && toHex(instead),
  ].filter(Boolean);
  return [toHex(author), seq, time, toHex(entry), ...marks, operationCount, ...deps.map(toHex)].join(' ');
}

function expectedHistory(history: History): readonly string[] {
  const all = [...history.entries].sort(
    (a, b) =>
      Number(b.time - a.time) || compareBytes(b.entry.author, a.entry.author) || compareBytes(b.hash, a.hash),
  );
  const replaced = replacedOf(all);
  return all.map((one) => {
    const { entry, hash, time, prev, deps } = one;
    const follows = [...(prev ? [prev] : []), ...[...new Set(deps)].sort(byRef)];
    const isNamed = all.some((other) => other.prev === one || other.deps.includes(one));
    const isForked = all.some(
      (other) => other !== one && other.entry.seq === entry.seq && sameAuthor(other, one),
    );
    return textOf({
      entry: hash,
      author: entry.author,
      seq: entry.seq,
      time,
      deps: follows.map((dep) => dep.hash),
      head: !isNamed,
      counts: true,
      replaced: replaced.has(one),
      ...(entry.instead && { instead: entry.instead }),
      forked: isForked,
      operations: [],
      operationCount: operationCountOf(entry.payload),
    });
  });
}

/** `latest`: by author, which of its chains speaks for it. */
function expectedAuthors(history: History, latest: ReadonlyMap<string, string>) {
  const tips = tipsOf(new Set(history.entries));
  const names = [...new Set(tips.map(({ entry }) => toHex(entry.author)))].sort();
  const chainsOf = (name: string) => tips.filter(({ entry }) => toHex(entry.author) === name);
  return names.map((author) => {
    const own = chainsOf(author);
    const [first] = [...own].sort((a, b) => Number(b.time - a.time));
    const speaker = own.find(({ hash }) => toHex(hash) === latest.get(author));
    assert(speaker && speaker.time === first?.time, 'a latest chain speaks for its author');
    const seen = names
      .filter((other) => other !== author)
      .map((other) => {
        const seqs = history.entries
          .filter((entry) => toHex(entry.entry.author) === other && seesEntry(speaker, entry))
          .map(({ entry }) => entry.seq);
        const of = Math.max(...chainsOf(other).map(({ entry }) => entry.seq));
        return `${other} ${Math.max(0, ...seqs)} of ${of}`;
      });
    const chains = own.map(({ entry, hash }) => `${entry.seq} ${toHex(hash)}`).sort();
    return { author, chains, latest: toHex(speaker.hash), seen };
  });
}

/** 1 for what is not read. */
function operationCountOf(payload: Uint8Array): number {
  if (payload.length === 0) return 0;
  try {
    const { version, operations } = decodePayload(payload);
    if (version > traceMachine.version) return 1;
    const decoded = traceMachine.decode(operations);
    return 'kind' in decoded ? 1 : decoded.length;
  } catch (error) {
    if (error instanceof MalformedError) return 1;
    throw error;
  }
}

function byRef(a: HistoryEntry, b: HistoryEntry): number {
  return compareEntryRefs(refOf(a), refOf(b));
}

function sameAuthor(a: HistoryEntry, b: HistoryEntry): boolean {
  return compareBytes(a.entry.author, b.entry.author) === 0;
}
