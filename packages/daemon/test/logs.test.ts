import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { LogItem } from '@lattice/api';
import { fromUtf8, toHex, utf8 } from '@lattice/model';
import { collect, servedNode } from './rig.js';

test('items are appended and read back over the socket, in any range and either direction', async (context) => {
  const { client, node } = await servedLog(context);
  const values = Array.from({ length: 2_500 }, (_, i) => `item ${i}`);
  const { positions } = await client.logAppend({ values: values.map(utf8) });
  const read = async (request: Parameters<typeof client.logRange>[0]) =>
    (await collect(client.logRange(request))).flatMap(({ items }) => items);
  const all = await read({});
  assert.deepEqual(texts(all), values);
  assert.deepEqual(
    all.map(({ position }) => toHex(position)),
    positions.map(toHex),
  );
  assert.equal(all[0]?.author, toHex(node.id));
  assert.deepEqual(texts(await read({ reverse: true })), [...values].reverse());
  assert.deepEqual(
    texts(await read({ reverse: true, limit: 1_500n })),
    [...values].reverse().slice(0, 1_500),
  );
  const at = (index: number) => {
    const position = positions[index] ?? assert.fail('there are so many');
    return { bound: { case: 'position', value: position } } as const;
  };
  assert.deepEqual(texts(await read({ from: at(3), to: at(5) })), ['item 3', 'item 4']);
  const ms = (all[0]?.time ?? 0n) >> 16n;
  assert.deepEqual(await read({ from: { bound: { case: 'ms', value: ms + 1n } } }), []);
  assert.equal((await read({ to: { bound: { case: 'ms', value: ms + 1n } } })).length, 2_500);
  await assert.rejects(read({ from: { bound: { case: 'position', value: utf8('x') } } }), {
    code: 'position-invalid',
  });
});

test('large items come in pages', async (context) => {
  const { client } = await servedLog(context);
  for (let i = 0; i < 4; i++) await client.logAppend({ values: [new Uint8Array(200 * 1024).fill(i)] });
  const pages = await collect(client.logRange({}));
  assert.deepEqual(
    pages.map(({ items }) => items.length),
    [2, 2],
  );
});

test('a follower gets the last items, then what comes, each once, and can go on from a cursor', async (context) => {
  const { client, store } = await servedLog(context);
  await client.logAppend({ values: ['a', 'b', 'c'].map(utf8) });
  const follow = client.logFollow({ last: 2n })[Symbol.asyncIterator]();
  const next = async () => (await follow.next()).value ?? assert.fail('it ended');
  const first = await next();
  assert.deepEqual([first.items, first.reset], [[], false]);
  assert.deepEqual(texts((await next()).items), ['b', 'c']);
  await store.log().append(utf8('d'));
  const { items, cursor } = await next();
  assert.deepEqual(texts(items), ['d']);
  await follow.return?.();
  await client.logAppend({ values: [utf8('e')] });
  const again = client.logFollow({ since: cursor })[Symbol.asyncIterator]();
  assert.deepEqual(texts((await again.next()).value?.items ?? []), ['e']);
  await again.return?.();
});

test('a follower is told when the process that runs the node ends', async (context) => {
  const { client, owned } = await servedLog(context);
  const follow = client.logFollow({})[Symbol.asyncIterator]();
  await follow.next();
  const refused = assert.rejects(follow.next(), { code: 'daemon-gone' });
  await owned.close({ drainMs: 5_000 });
  await refused;
});

test('a log and a key-value store are not taken for one another', async (context) => {
  const { client } = await servedLog(context);
  const main = { mesh: '', store: 'main' };
  const mismatch = { code: 'store-type-mismatch' };
  await assert.rejects(client.put({ key: utf8('a'), value: utf8('1') }), mismatch);
  await assert.rejects(client.logAppend({ target: main, values: [utf8('x')] }), mismatch);
  await assert.rejects(collect(client.logRange({ target: main })), mismatch);
  await assert.rejects(collect(client.logFollow({ target: main })), mismatch);
});

/** A served node whose selected store is a log. */
async function servedLog(context: TestContext) {
  const served = await servedNode(context);
  const mesh = await served.node.createMesh();
  const store = await mesh.createStore({ type: 'log', name: 'events' });
  served.node.select(mesh, store);
  return { ...served, store, client: await served.connectClient() };
}

function texts(items: readonly LogItem[]): (string | undefined)[] {
  return items.map(({ value }) => fromUtf8(value));
}
