import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { WatchResponse } from '@lattice/api';
import { fromUtf8, toHex, utf8 } from '@lattice/model';
import type { KvChanges } from '@lattice/node';
import { alterKv } from '@lattice/testkit';
import { collect, mainStore, servedNode } from './rig.js';

test('changes are told over the socket as they are made, with what there is to know of them', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const kv = mainStore(node).kv();
  const client = await connectClient();
  const watch = client.watch({ prefix: utf8('a') })[Symbol.asyncIterator]();
  const first = (await watch.next()).value ?? assert.fail('the watch ended');
  assert.deepEqual([first.changes, first.reset], [[], false]);
  await kv.batch([
    { kind: 'put', key: utf8('a'), value: utf8('1') },
    { kind: 'put', key: utf8('b'), value: utf8('1') },
    { kind: 'delete', key: utf8('ab') },
  ]);
  const { changes }: WatchResponse = (await watch.next()).value ?? assert.fail('the watch ended');
  const [head] = kv.heads(utf8('a'));
  const common = { conflicted: false, author: toHex(node.id), time: head?.time };
  assert.deepEqual(
    changes.map(({ key, value, conflicted, author, time }) => ({ key, value, conflicted, author, time })),
    [
      { key: utf8('a'), value: utf8('1'), ...common },
      { key: utf8('ab'), value: undefined, ...common },
    ],
  );
  await watch.return?.();

  const [again] = await untilFirst(client.watch({ since: first.cursor }));
  assert.deepEqual(
    again?.changes.map(({ key }) => fromUtf8(key)),
    ['a', 'b', 'ab'],
  );
});

test('a cursor that is none, or of another store, is refused with its own code', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const mesh = await node.createMesh();
  const notes = await mesh.createStore({ name: 'notes' });
  const client = await connectClient();
  const [page] = await untilFirst(client.watch({ target: { mesh: '', store: notes.uuid } }));
  assert.ok(page);
  await assert.rejects(collect(client.watch({ since: 'abc' })), { code: 'cursor-invalid' });
  await assert.rejects(collect(client.watch({ since: page.cursor })), { code: 'cursor-foreign' });
});

test('nothing is read ahead for a reader that does not read, who then gets it all', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  const store = mainStore(node);
  let read = 0;
  alterKv(store, (kv) => {
    const watch = kv.watch.bind(kv);
    kv.watch = (options) => counted(watch(options), () => read++);
  });
  const client = await connectClient();
  const reader = client.watch({})[Symbol.asyncIterator]();
  await reader.next();
  const value = new Uint8Array(64 * 1024);
  const keys = Array.from({ length: 640 }, (_, i) => `key ${i}`);
  const kv = store.kv();
  for (const key of keys) await kv.put(utf8(key), value);
  await client.nodeStatus({});
  const readAhead = read;
  const told = new Set<string | undefined>();
  while (told.size < keys.length) {
    const { changes } = (await reader.next()).value ?? assert.fail('the watch ended');
    for (const { key } of changes) told.add(fromUtf8(key));
  }
  // 40 MiB in pages of a quarter of one: what the sockets' buffers hold is far less.
  assert.ok(readAhead < 60, `${readAhead} pages were read ahead`);
  assert.ok(read >= 150, `${read} pages`);
  await reader.return?.();
});

test('a watch stops with its reader', async (context) => {
  const { node, connectClient } = await servedNode(context);
  await node.createMesh();
  let ended = 0;
  alterKv(mainStore(node), (kv) => {
    const watch = kv.watch.bind(kv);
    kv.watch = (options) => counted(watch(options), undefined, () => ended++);
  });
  const client = await connectClient();
  const stop = new AbortController();
  const watches = [client.watch({}), client.watch({}, { signal: stop.signal })].map((one) =>
    one[Symbol.asyncIterator](),
  );
  for (const watch of watches) await watch.next();
  await watches[0]?.return?.();
  const waiting = watches[1]?.next();
  stop.abort();
  await assert.rejects(waiting ?? Promise.resolve(), { code: 'aborted' });
  while (ended < 2) await new Promise((resolve) => setImmediate(resolve));
});

test('a watch ends with the process that runs the node, and says that it was no end of its own', async (context) => {
  const { node, owned, connectClient } = await servedNode(context);
  await node.createMesh();
  const client = await connectClient();
  const watch = client.watch({})[Symbol.asyncIterator]();
  await watch.next();
  const waiting = watch.next();
  const refused = assert.rejects(waiting, { code: 'daemon-gone' });
  await owned.close({ drainMs: 5_000 });
  await refused;
});

async function untilFirst<T>(items: AsyncIterable<T>): Promise<T[]> {
  for await (const item of items) return [item];
  return [];
}

async function* counted(
  pages: AsyncIterable<KvChanges>,
  onPage?: () => void,
  onEnd?: () => void,
): AsyncGenerator<KvChanges> {
  try {
    for await (const page of pages) {
      onPage?.();
      yield page;
    }
  } finally {
    onEnd?.();
  }
}
