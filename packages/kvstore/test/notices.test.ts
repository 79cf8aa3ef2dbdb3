import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { encodeKvOps, kvHandle, kvMachine } from '@lattice/kvstore';
import { toHex, utf8 } from '@lattice/model';
import {
  bundleOf,
  causalOrder,
  Dice,
  endOfTimeMs,
  historyScripts,
  playHistory,
  ReplicaRig,
} from '@lattice/testkit';
import fc from 'fast-check';
import { keys, kvOperation } from './model.js';
import { genesis, key, Story } from './story.js';

const [ann, ben] = [1, 2];
const numRuns = process.env['LATTICE_LONG'] === '1' ? 3_000 : 30;
const random = { operation: kvOperation, encode: encodeKvOps, type: 'kv', version: kvMachine.version };

describe('a notice', () => {
  test('tells of each key whose writes met without knowing of each other, once, when they do', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    const told: string[] = [];
    const listen = () =>
      rig.replica.onCommit(({ conflicts }) => told.push(`${conflicts.keys.length}/${conflicts.count}`));
    listen();
    const story = new Story();
    const base = story.tell(ann, 1);
    const [left, right] = [story.tell(ann, 2), story.tell(ben, 2, base)];
    for (const entry of [...base, ...left]) await rig.receive(bundleOf([entry]));
    assert.deepEqual(told.splice(0), ['0/0', '0/0', '0/0']);
    for (const entry of right) await rig.receive(bundleOf([entry]));
    assert.deepEqual(told.splice(0), ['1/1', '0/0']);
    await rig.receive(bundleOf(story.tell(ann, 1, right.slice(-1))));
    assert.deepEqual(told.splice(0), ['0/0']);
    await rig.reopen('state-lost');
    listen();
    await kvHandle(rig.replica).put(key, utf8('settled'));
    await rig.replica.settled();
    assert.deepEqual(told, ['0/0']);
  });

  test('names no more than eight keys, and counts them all', async () => {
    await using rig = await ReplicaRig.open({ genesis, machine: kvMachine });
    const story = new Story();
    const many = Array.from({ length: 20 }, (_, i) => utf8(`key ${i}`));
    const write = encodeKvOps(many.map((one) => ({ kind: 'delete', key: one })));
    await rig.receive(bundleOf(story.tell(ann, 1, [], write)));
    const told: (readonly [number, readonly string[]])[] = [];
    rig.replica.onCommit(({ conflicts }) =>
      told.push([conflicts.count, conflicts.keys.map((one) => new TextDecoder().decode(one))]),
    );
    await rig.receive(bundleOf(story.tell(ben, 2, [], write)));
    assert.deepEqual(told, [[20, ['key 0', 'key 1', 'key 2', 'key 3', 'key 4', 'key 5', 'key 6', 'key 7']]]);
  });

  test('comes exactly when a key that had one head has more', async () => {
    await fc.assert(
      fc.asyncProperty(historyScripts(random), fc.nat(), async (script, seed) => {
        const history = playHistory(script, random);
        await using rig = await ReplicaRig.open({ genesis: history.genesis, machine: kvMachine });
        rig.time.setNowMs(endOfTimeMs);
        const headCounts = () => keys.map((one) => kvHandle(rig.replica).heads(one).length);
        const told: string[] = [];
        rig.replica.onCommit(({ conflicts }) => told.push(...conflicts.keys.map(toHex)));
        for (const entry of causalOrder(new Set(history.entries), new Dice(seed))) {
          const before = headCounts();
          await rig.receive(bundleOf([entry]));
          await rig.replica.settled();
          const after = headCounts();
          const arisen = keys.filter((_, i) => before[i] === 1 && (after[i] ?? 0) > 1);
          const expected = arisen.map(toHex).sort();
          // What is issued again may say nothing: it is in conflict with what it stands in for, until that is gone.
          if (entry.entry.instead && told.length === 0) continue;
          assert.deepEqual(told.splice(0).sort(), expected);
        }
      }),
      { numRuns, includeErrorInReport: true },
    );
  });
});
