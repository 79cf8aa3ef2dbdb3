import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kvHandle, kvMachine } from '@lattice/kvstore';
import { ReplicaRig } from '@lattice/testkit';
import { bring, genesis, must, open, put } from './support/store.js';
import { Watcher } from './support/watcher.js';

describe('a cursor', () => {
  test('that is not whole is refused, whichever digit is wrong', async () => {
    await using rig = await open();
    await put(rig, 'a=1');
    const { cursor } = await must(new Watcher(rig));
    const altered = Array.from(
      cursor,
      (digit, i) => cursor.slice(0, i) + (digit === '0' ? '1' : '0') + cursor.slice(i + 1),
    );
    for (const since of [
      '',
      'x',
      cursor.slice(2),
      cursor.slice(0, -1),
      `${cursor}00`,
      'f'.repeat(9_000),
      ...altered,
    ])
      await assert.rejects(firstPage(rig, since), { code: 'cursor-invalid' }, since);
  });

  test('of another store is told so', async () => {
    await using rig = await open();
    const elsewhere = { ...genesis, random: new Uint8Array(32).fill(1) };
    await using other = await ReplicaRig.open({ genesis: elsewhere, machine: kvMachine });
    const { cursor } = await must(new Watcher(other));
    await assert.rejects(firstPage(rig, cursor), { code: 'cursor-foreign' });
  });

  test('of another node’s copy of the store gives all keys anew', async () => {
    await using rig = await open(1);
    await using other = await open(2);
    await put(rig, 'a=1');
    await bring(rig, other);
    const { cursor } = await must(new Watcher(rig));
    const watcher = new Watcher(other);
    watcher.cursor = cursor;
    assert.equal((await must(watcher)).reset, true);
    watcher.assertKnowsAll();
  });

  test('is text of no more than a line', async () => {
    await using rig = await open();
    await put(rig, 'a=1');
    assert.match((await must(new Watcher(rig))).cursor, /^[0-9a-f]{40,60}$/);
  });
});

async function firstPage({ replica }: ReplicaRig, since: string): Promise<unknown> {
  for await (const page of kvHandle(replica).watch({ since })) return page;
  return undefined;
}
