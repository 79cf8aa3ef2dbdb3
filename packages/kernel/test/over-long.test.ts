import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bundleBytesMax, bundleEntriesMax, toHex } from '@lattice/model';
import { encodeBundle } from '@lattice/proto';
import { bundleOf, type HistoryEntry, historyKey, ReplicaRig } from '@lattice/testkit';
import { send } from './support/exchange.js';
import { genesis, momentOf, Story } from './support/story.js';
import { blindMachine } from './support/trace.js';

for (const [what, tell] of [
  ['entries', manyEntries],
  ['bytes', manyBytes],
] as const) {
  test(`a bundle of too many ${what} is refused, whoever sends it, with what is wrong with it`, async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: blindMachine });
    const receipt = await rig.replica.receive(encodeBundle(bundleOf(tell()), 'full'), 'log');
    assert.equal(receipt.kind, 'malformed');
    assert.match('reason' in receipt ? receipt.reason : '', /over/);
    assert.equal(rig.replica.status().entries, 0);
  });

  test(`one of too many ${what} that lies in a log is damage, told by status and check, and mended by a peer`, async () => {
    const entries = tell();
    await using rig = await openWith(entries);
    for (const ending of ['killed', 'state-lost'] as const) {
      await rig.reopen(ending);
      assert.equal(rig.replica.status().damaged, true);
      assert.equal(rig.replica.status().entries, 1);
    }
    const { problems } = await rig.replica.check();
    assert.deepEqual(
      problems.map(({ kind }) => kind),
      ['record-malformed'],
    );

    await using peer = await ReplicaRig.open({ genesis, machine: blindMachine });
    for (const part of [entries.slice(0, 2), entries.slice(2)]) await peer.receive(bundleOf(part));
    await send(peer, rig);
    await rig.time.advance(0);
    assert.equal((await rig.replica.mend()).length, 1);
    assert.equal(rig.replica.status().damaged, false);
    await rig.reopen('state-lost');
    assert.equal(rig.replica.status().damaged, false);
    assert.equal(toHex(rig.replica.digest()), toHex(peer.replica.digest()));
  });
}

/** A node with the first of these, and behind it all in one bundle, as no writer here would have them. */
async function openWith(entries: readonly HistoryEntry[]): Promise<ReplicaRig> {
  const rig = await ReplicaRig.open({ genesis, machine: blindMachine });
  await rig.receive(bundleOf(entries.slice(0, 1)));
  rig.stored.log.append([encodeBundle(bundleOf(entries), 'full')]);
  return rig;
}

const author = 1;

function manyEntries(): readonly HistoryEntry[] {
  const story = new Story();
  return Array.from({ length: bundleEntriesMax + 1 }, () => story.tell(author, { words: [] }));
}

function manyBytes(): readonly HistoryEntry[] {
  const story = new Story();
  const first = story.tell(author);
  const payload = new Uint8Array(bundleBytesMax / 2);
  const key = historyKey(0, author);
  const second = story.write({ key, prev: first, deps: [], hlc: momentOf(2), payload });
  return [first, second, story.write({ key, prev: second, deps: [], hlc: momentOf(3), payload })];
}
