import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Kv, kvHandle, type KvWrite } from '@lattice/kvstore';
import { type Dot, LatticeError, toHex, utf8 } from '@lattice/model';
import { Dice, type ReplicaRig } from '@lattice/testkit';
import fc from 'fast-check';
import { bring, open } from './support/store.js';

const key = utf8('a');
const numRuns = process.env['LATTICE_LONG'] === '1' ? 2_000 : 40;

describe('a write under a condition', () => {
  test('is let in where the key has exactly those heads, and says which head it is', async () => {
    await using rig = await open();
    const kv = kvHandle(rig.replica);
    const first = await kv.put(key, utf8('1'), { ifHeads: [] });
    assert.deepEqual(first, dotOf(kv, key));
    const second = await kv.put(key, utf8('2'), { ifHeads: [first] });
    const third = await kv.delete(key, { ifHeads: [second] });
    await failsWith(kv.put(key, utf8('4'), { ifHeads: [second] }), `${toHex(third.entry)}:0`);
    await failsWith(kv.put(key, utf8('4'), { ifHeads: [] }), `${toHex(third.entry)}:0`);
    await failsWith(kv.put(utf8('b'), utf8('1'), { ifHeads: [third] }), 'never written');
    assert.deepEqual(dotOf(kv, key), third);
  });

  test('wants all heads of a conflict, in any order', async () => {
    await using left = await open(1);
    await using right = await open(2);
    await Promise.all([left, right].map(({ replica }) => kvHandle(replica).put(key, utf8('x'))));
    await bring(right, left);
    const kv = kvHandle(left.replica);
    const heads = kv.heads(key);
    assert.equal(heads.length, 2);
    for (const head of heads) await failsWith(kv.put(key, utf8('y'), { ifHeads: [head] }), 'heads now');
    await kv.put(key, utf8('y'), { ifHeads: heads.toReversed() });
    assert.equal(kv.heads(key).length, 1);
  });

  test('that shares an entry is refused for what is ahead in it, alone, and is told what that came to', async () => {
    await using rig = await open();
    const kv = kvHandle(rig.replica);
    const head = await kv.put(key, utf8('0'));
    const outcomes = await Promise.allSettled([
      kv.put(utf8('b'), utf8('before')),
      kv.put(key, utf8('1'), { ifHeads: [head] }),
      kv.put(key, utf8('2'), { ifHeads: [head] }),
      kv.put(utf8('c'), utf8('after')),
      kv.put(key, utf8('3')),
      kv.put(key, utf8('4'), { ifHeads: [head] }),
    ]);
    const [before, won, lost, after, last, late] = outcomes;
    assert.ok(before?.status === 'fulfilled' && won?.status === 'fulfilled');
    assert.ok(after?.status === 'fulfilled' && last?.status === 'fulfilled');
    const { entry } = before.value;
    assert.deepEqual(
      [won.value, after.value, last.value],
      [1, 2, 3].map((op) => ({ entry, op })),
    );
    for (const refused of [lost, late]) {
      assert.ok(refused?.status === 'rejected' && refused.reason instanceof LatticeError);
      assert.equal(refused.reason.code, 'condition-failed');
      assert.ok(refused.reason.message.includes(`${toHex(entry)}:3`), refused.reason.message);
    }
    assert.equal(rig.replica.status().entries, 2);
  });

  test('takes its whole batch with it where it does not hold', async () => {
    await using rig = await open();
    const kv = kvHandle(rig.replica);
    const put = (name: string, more = {}): KvWrite => ({ kind: 'put', key: utf8(name), value: key, ...more });
    await kv.batch([put('a', { ifHeads: [] }), put('b', { ifHeads: [] })]);
    await failsWith(kv.batch([put('c'), put('a', { ifHeads: [] })]), 'heads now');
    assert.equal(kv.get(utf8('c')), undefined);
    assert.equal(rig.replica.status().entries, 1);
    const twice = kv.batch([put('d', { ifHeads: [] }), put('d', { ifHeads: [] })]);
    await failsWith(twice, 'earlier write of the same batch');
    assert.deepEqual(await kv.batch([]), []);
  });

  test('is judged by what was asked for, whatever the caller does with the bytes afterwards', async () => {
    await using rig = await open();
    const kv = kvHandle(rig.replica);
    await kv.put(utf8('b'), utf8('taken'));
    const name = utf8('a');
    const written = kv.put(name, utf8('1'), { ifHeads: [] });
    name.set(utf8('b'));
    await written;
    assert.ok(kv.get(key));
  });

  test('is let in again after a restart by the head that was given out before it', async () => {
    await using rig = await open();
    const head = await kvHandle(rig.replica).put(key, utf8('1'));
    await rig.reopen('state-lost');
    await kvHandle(rig.replica).put(key, utf8('2'), { ifHeads: [head] });
  });
});

test('no increment under a condition is lost, whoever else writes and whatever arrives in between', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 0, max: 0xffff_ffff }),
      fc.integer({ min: 2, max: 6 }),
      fc.boolean(),
      async (seed, writers, peerCounts) => {
        await using rig = await open(1);
        await using peer = await open(2);
        const dice = new Dice(seed);
        const built = await Promise.all([
          ...Array.from({ length: writers }, (_, i) => count(rig, `by ${i}`, dice)),
          disturb(rig, peer, dice, peerCounts ? 'count' : 'other'),
        ]);
        // Each success builds on heads on which no other one does: where two did, an increment would be lost.
        const names = built.flat().map(({ entry, op }) => `${toHex(entry)}:${op}`);
        assert.equal(new Set(names).size, names.length);
        if (peerCounts) return;
        const kv = kvHandle(rig.replica);
        const winner = kv.get(utf8('count'));
        assert.equal(winner && Number(new TextDecoder().decode(winner.value)), 5 * writers);
        assert.equal(names.length, 5 * writers - 1);
      },
    ),
    { numRuns },
  );
});

/** Counts up until it has won five times, now and then in a batch with something else. Returns what it built on. */
async function count({ replica }: ReplicaRig, name: string, dice: Dice): Promise<readonly Dot[]> {
  const kv = kvHandle(replica);
  const counter = utf8('count');
  const built: Dot[] = [];
  for (let won = 0; won < 5;) {
    const ifHeads = kv.heads(counter);
    const next = Number(new TextDecoder().decode(ifHeads[0]?.value ?? utf8('0'))) + 1;
    const write = { kind: 'put', key: counter, value: utf8(String(next)), ifHeads } as const;
    const other = { kind: 'put', key: utf8(name), value: utf8(String(next)) } as const;
    try {
      await kv.batch(dice.oneIn(3) ? [other, write] : [write]);
      won++;
      built.push(...ifHeads);
    } catch (error) {
      if (!(error instanceof LatticeError) || error.code !== 'condition-failed') throw error;
    }
    if (dice.oneIn(3)) await Promise.resolve();
  }
  return built;
}

/** Another node, whose bundles arrive in the midst of it all. */
async function disturb(rig: ReplicaRig, peer: ReplicaRig, dice: Dice, name: string): Promise<readonly Dot[]> {
  for (let i = 0; i < 10; i++) {
    await kvHandle(peer.replica).put(utf8(name), utf8(String(i)));
    await bring(peer, rig);
    if (dice.oneIn(3)) await bring(rig, peer);
  }
  return [];
}

function dotOf(kv: Kv, name: Uint8Array): Dot {
  const [head, ...others] = kv.heads(name);
  assert.ok(head && others.length === 0);
  return { entry: head.entry, op: head.op };
}

async function failsWith(writing: Promise<unknown>, text: string): Promise<void> {
  await assert.rejects(writing, (error: unknown) => {
    assert.ok(error instanceof LatticeError);
    assert.equal(error.code, 'condition-failed');
    assert.ok(error.message.includes(text), error.message);
    return true;
  });
}
