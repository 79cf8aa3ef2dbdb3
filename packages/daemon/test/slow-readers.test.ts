import assert from 'node:assert/strict';
import { tmpdir } from 'node:os';
import { test, type TestContext } from 'node:test';
import type { ListResponse } from '@lattice/api';
import { memoryDirectory } from '@lattice/daemon/testing';
import { displayUtf8, LatticeError, utf8 } from '@lattice/model';
import type { Node } from '@lattice/node';
import { heldTimers } from './held-timers.js';
import { mainStore, servedNode } from './rig.js';

const patienceMs = 15_000;
const keys = Array.from({ length: 40 }, (_, i) => `key ${String(i).padStart(2, '0')}`);
const spools = memoryDirectory({ socketPath: tmpdir(), openNode: () => Promise.reject(new Error('unused')) });

test('a list is of one moment, whatever is written while it is read', async (context) => {
  const { client, write } = await served(context);
  const reader = client.list({ reverse: true, limit: 39n })[Symbol.asyncIterator]();
  const told = await pagesOf(reader, 2);
  await write('new');
  told.push(...(await pagesOf(reader)));
  assert.deepEqual(
    toldOf(told),
    keys
      .slice(1)
      .reverse()
      .map((key) => `${key}=old`),
  );
});

test('of a listing that is short enough nothing is left to do once its reader has seen the first of it', async (context) => {
  const { client, timers } = await served(context);
  const reader = client.list({ limit: 1n })[Symbol.asyncIterator]();
  await pagesOf(reader, 1);
  assert.equal(timers.pending, 0);
  assert.equal((await reader.next()).done, true);
});

test('what a slow reader has not taken is kept on the disk, and told from there in its own time', async (context) => {
  let opened = 0;
  const { client, write, timers, endSnapshots } = await served(context, () => {
    opened++;
    return spools.openSpool();
  });
  const reader = client.list({})[Symbol.asyncIterator]();
  const told = await pagesOf(reader, 1);
  timers.fire(patienceMs);
  told.push(...(await pagesOf(reader, 1)));
  endSnapshots();
  await write('new');
  told.push(...(await pagesOf(reader)));
  assert.deepEqual(
    toldOf(told),
    keys.map((key) => `${key}=old`),
  );
  assert.equal(opened, 1);
  assert.equal(timers.pending, 0);
});

test('a listing that can not be kept for its reader ends with a failure, not as if that were all', async (context) => {
  const full = new LatticeError('disk-full', 'No room.');
  const { client, timers, endSnapshots } = await served(context, () => Promise.reject(full));
  const unlucky = client.list({})[Symbol.asyncIterator]();
  await pagesOf(unlucky, 1);
  timers.fire(patienceMs);
  await assert.rejects(pagesOf(unlucky), { code: 'disk-full' });

  const late = client.list({})[Symbol.asyncIterator]();
  await pagesOf(late, 1);
  endSnapshots();
  await assert.rejects(pagesOf(late), (error) => {
    assert.ok(error instanceof LatticeError && error.code === 'snapshot-expired');
    assert.match(error.message, /^The listing was cut: .*in parts/);
    return true;
  });
});

test('a reader that leaves, and one that got all of it, leave no snapshot open', async (context) => {
  const { client, timers } = await served(context);
  for (let i = 0; i < 70; i++) {
    const reader = client.list(i % 2 === 0 ? {} : { keysOnly: true })[Symbol.asyncIterator]();
    await pagesOf(reader, 1);
    if (i === 8) timers.fire(patienceMs);
    await reader.return?.();
  }
  assert.equal((await pagesOf(client.list({})[Symbol.asyncIterator]())).length > 2, true);
});

/** A node whose store takes several pages to list, and timers that run when the test says so. */
async function served(context: TestContext, openSpool = () => spools.openSpool()) {
  const timers = heldTimers();
  const { node, owned } = await servedNode(context, { timers, openSpool });
  await node.createMesh();
  const write = (word: string) => fill(node, word);
  await write('old');
  const taken: Disposable[] = [];
  const store = mainStore(node);
  const snapshot = store.snapshot.bind(store);
  store.snapshot = () => {
    const one = snapshot();
    taken.push(one);
    return one;
  };
  // To those who read them, as if a minute were over.
  const endSnapshots = () => taken.forEach((one) => one[Symbol.dispose]());
  return { client: owned.client, timers, write, endSnapshots };
}

async function fill(node: Node, word: string): Promise<void> {
  for (const key of keys) {
    const value = new Uint8Array(64 * 1024).fill(0x20);
    value.set(utf8(word));
    await mainStore(node).kv().put(utf8(key), value);
  }
}

async function pagesOf(reader: AsyncIterator<ListResponse>, count = Infinity): Promise<ListResponse[]> {
  const pages: ListResponse[] = [];
  while (pages.length < count) {
    const { value, done } = await reader.next();
    if (done === true) break;
    pages.push(value);
  }
  return pages;
}

function toldOf(pages: readonly ListResponse[]): readonly string[] {
  return pages.flatMap(({ items }) =>
    items.map(({ key, value }) => `${displayUtf8(key)}=${displayUtf8(value).trimEnd()}`),
  );
}
