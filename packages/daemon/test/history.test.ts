import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, toHex, utf8 } from '@lattice/model';
import { collect, mainStore, servedNode } from './rig.js';

test('a long history comes in pages, newest first, and stops when nobody reads it', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  await node.createMesh();
  const kv = mainStore(node).kv();
  for (let i = 0; i < 1_100; i++) await kv.put(utf8('a'), utf8(String(i)));
  const pages = await collect(client.history({}));
  assert.equal(pages.length, 2);
  const all = pages.flatMap(({ entries }) => entries);
  assert.deepEqual(
    all.map(({ seq }) => Number(seq)),
    Array.from({ length: 1_100 }, (_, i) => 1_100 - i),
  );
  for (const [i, { deps, head, counts, forked }] of all.entries()) {
    assert.deepEqual(deps, all[i + 1] ? [all[i + 1]?.entry] : []);
    assert.deepEqual([head, counts, forked], [i === 0, true, false]);
  }
  for await (const { entries } of client.history({})) {
    assert(entries.length <= 1_000, 'a page is bounded');
    break;
  }
  const limited = await collect(client.history({ key: utf8('a'), limit: 3n }));
  const values = limited.flatMap(({ entries }) => entries.map(({ operations }) => operations[0]?.value));
  assert.deepEqual(values, ['1099', '1098', '1097'].map(utf8));
});

test('large values make short pages', async (context) => {
  const { node, owned } = await servedNode(context);
  await node.createMesh();
  const kv = mainStore(node).kv();
  const large = new Uint8Array(200 * 1024).fill(97);
  for (let i = 0; i < 4; i++) await kv.put(utf8('a'), large);
  const versions = await collect(owned.client.history({ key: utf8('a') }));
  assert.deepEqual(
    versions.map(({ entries }) => entries.length),
    [2, 2],
  );
  const [{ entries } = assert.fail('one page')] = await collect(owned.client.history({}));
  assert.deepEqual(
    entries.map(({ operations: [only] }) => [only?.value?.length, only?.valueBytes]),
    Array.from({ length: 4 }, () => [1_024, 204_800n]),
  );
});

test('authors come with their chains and, when asked, with what they have seen', async (context) => {
  const { nodes, node, owned } = await servedNode(context);
  await node.createMesh();
  await nodes.join('laptop', 'desk');
  await nodes.alone('laptop', (alone) => mainStore(alone).kv().put(utf8('a'), utf8('theirs')));
  await mainStore(node).kv().put(utf8('a'), utf8('ours'));
  await nodes.meet('desk', 'laptop');
  await mainStore(node).kv().put(utf8('b'), utf8('sees both'));
  const [desk, laptop] = ['desk', 'laptop'].map((name) => toHex(nodes.machine(name).nodeId));
  const authors = await collect(owned.client.storeAuthors({ withSeen: true }));
  const told = authors.map(({ author, name, chains, seen }) => ({
    author,
    name,
    seqs: chains.map(({ seq }) => seq),
    seen: seen.map((one) => [one.author, one.seq, one.of]),
  }));
  const expected = [
    { author: desk, name: 'desk', seqs: [2n], seen: [[laptop, 1n, 1n]] },
    { author: laptop, name: 'laptop', seqs: [1n], seen: [[desk, 0n, 2n]] },
  ].sort((a, b) => ((a.author ?? '') < (b.author ?? '') ? -1 : 1));
  assert.deepEqual(told, expected);
  for (const { seen } of await collect(owned.client.storeAuthors({}))) assert.deepEqual(seen, []);
  assert.equal((await owned.client.storeStatus({})).conflicts, 1n);
});

test('conflicts of a store that come in a row are told as one, with the first keys', async (context) => {
  const { nodes, node, owned } = await servedNode(context);
  await node.createMesh();
  await nodes.join('laptop', 'desk');
  const keys = Array.from({ length: 20 }, (_, i) => utf8(`key ${String(i).padStart(2, '0')}`));
  await nodes.alone('laptop', async (alone) => {
    for (const key of keys) await mainStore(alone).kv().put(key, utf8('theirs'));
  });
  for (const key of keys) await mainStore(node).kv().put(key, utf8('ours'));
  const events = owned.client.subscribe({})[Symbol.asyncIterator]();
  assert.equal((await events.next()).value?.event.case, 'subscribed');
  await nodes.meet('desk', 'laptop');
  let [count, told] = [0n, 0];
  while (count < 20n) {
    const { event } = (await events.next()).value ?? assert.fail('the stream ended');
    if (event.case !== 'conflictSeen') continue;
    assert(event.value.keys.length <= 8, 'at most 8 keys');
    if (told++ === 0) assert.deepEqual(event.value.keys[0], keys[0]);
    count += event.value.count;
  }
  assert.equal(count, 20n);
  await events.return?.();
});

test('a history of a key that cannot be, or of a store that is not there, is refused', async (context) => {
  const { node, owned } = await servedNode(context);
  await node.createMesh();
  const cases = [
    [{ key: new Uint8Array() }, 'key-empty'],
    [{ key: new Uint8Array(1_025) }, 'key-too-long'],
    [{ target: { mesh: '', store: 'nope' } }, 'store-not-found'],
  ] as const;
  for (const [request, code] of cases)
    await assert.rejects(
      collect(owned.client.history(request)),
      (error) => error instanceof LatticeError && error.code === code,
    );
  assert.deepEqual(await collect(owned.client.history({})), []);
  assert.deepEqual(await collect(owned.client.history({ key: utf8('never') })), []);
});
