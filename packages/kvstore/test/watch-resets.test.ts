import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { kvMachine } from '@lattice/kvstore';
import { type Hlc, idKey } from '@lattice/model';
import { everybody, historyKey, type ReplicaRig } from '@lattice/testkit';
import { bring, must, open, put } from './support/store.js';
import { told, Watcher } from './support/watcher.js';

describe('a watch of a state that was replaced', () => {
  test('tells all present keys again when somebody counts no longer', async () => {
    await using rig = await open(1);
    await using other = await open(2);
    await put(rig, 'mine=1', 'gone=1');
    await put(rig, 'gone');
    await put(other, 'theirs=1');
    await bring(other, rig);
    const watcher = new Watcher(rig);
    await watcher.pull();
    await rig.setAdmission(allBut(2));
    const page = await must(watcher);
    assert.deepEqual([page.reset, told(page)], [true, 'mine=1']);
    await put(rig, 'new=1');
    const next = await must(watcher);
    assert.deepEqual([next.reset, told(next)], [false, 'new=1']);
  });

  test('tells them in pages, from which it can go on, and what is written meanwhile', async () => {
    await using rig = await open();
    await put(rig, ...Array.from({ length: 600 }, (_, i) => `key ${i}=1`));
    const watcher = new Watcher(rig);
    await watcher.pull();
    await rig.reopen('state-lost');
    watcher.leave();
    assert.equal((await must(watcher)).reset, true);
    // One that was told already, one that was not, and one that goes before it is.
    await put(rig, 'key 0=2', 'key 99=2', 'key 98');
    watcher.leave();
    await watcher.readAll();
    watcher.assertKnowsAll();
    assert.equal(watcher.resets, 1);
    assert.equal(watcher.seen.size, 599);
  });

  test('begins to tell them once more when it is replaced again meanwhile', async () => {
    await using rig = await open(1);
    await using other = await open(2);
    await put(other, ...Array.from({ length: 300 }, (_, i) => `key ${i}=1`));
    await bring(other, rig);
    await put(rig, 'mine=1');
    const watcher = new Watcher(rig);
    await watcher.pull();
    watcher.leave();
    await rig.reopen('state-lost');
    await watcher.pull();
    await rig.setAdmission(allBut(2));
    await watcher.readAll();
    watcher.assertKnowsAll();
    assert.deepEqual([watcher.resets, watcher.seen.size], [2, 1]);
  });

  test('tells all again after the machine was upgraded', async () => {
    await using rig = await open();
    await put(rig, 'a=1');
    const watcher = new Watcher(rig);
    await watcher.pull();
    watcher.leave();
    await rig.reopen('closed', { ...kvMachine, version: kvMachine.version + 1 });
    assert.equal((await must(watcher)).reset, true);
    watcher.assertKnowsAll();
  });

  test('goes on where the state is an older one, but not from what that had not yet', async () => {
    await using rig = await open();
    await put(rig, 'a=1');
    const [early, late] = [new Watcher(rig), new Watcher(rig)];
    await early.pull();
    const restore = rig.keepState();
    await put(rig, 'b=1');
    await late.pull();
    for (const watcher of [early, late]) watcher.leave();
    await rig.reopen(restore);
    assert.equal((await must(early)).reset, false);
    assert.equal((await must(late)).reset, true);
  });

  test('notices a directory that was put back, whatever came into it since', async () => {
    await using original = await open();
    await put(original, 'a=1');
    await using restored = await copyOf(original);
    await put(original, 'b=1');
    const watcher = new Watcher(original);
    await watcher.pull();
    const { cursor } = watcher;
    const back = new Watcher(restored);
    back.cursor = cursor;
    await put(restored, 'x=1');
    await put(restored, 'y=1');
    assert.equal((await must(back)).reset, true);
    back.assertKnowsAll();
  });

  test('notices it also while nothing came into it', async () => {
    await using original = await open();
    await put(original, 'a=1');
    const restored = await copyOf(original);
    await put(original, 'b=1');
    const watcher = new Watcher(original);
    await watcher.pull();
    const back = new Watcher(restored);
    back.cursor = watcher.cursor;
    assert.equal((await must(back)).reset, true);
    back.assertKnowsAll();
    await restored.close();
  });
});

/** A node of the same key on a copy of the directory, log and state, opened as if the copied process had been killed. */
async function copyOf(rig: ReplicaRig): Promise<ReplicaRig> {
  const copy = await open();
  await copy.close();
  const { log, state } = rig.stored;
  copy.stored.log.append(
    [...log.itemsFrom(0)].flatMap((item) => (item.kind === 'record' ? [item.record] : [])),
  );
  for (const [name, tree] of state.tables) copy.stored.state.tables.set(name, tree.clone());
  await copy.open();
  return copy;
}

function allBut(author: number) {
  const left = idKey(historyKey(0, author).nodeId);
  const counts = { spans: [{ after: -1n as Hlc }], cutOffs: [] };
  return {
    ...everybody,
    rule: (one: Parameters<typeof everybody.rule>[0]) => (idKey(one) === left ? undefined : counts),
  };
}
