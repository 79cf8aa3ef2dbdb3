import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LatticeError, utf8 } from '@lattice/model';
import { collect, mainStore, servedNode } from './rig.js';

test('a check and a rebuild end with a report, while the node goes on reading and writing', async (context) => {
  const { node, connectClient } = await servedNode(context);
  const client = await connectClient();
  await node.createMesh();
  const kv = mainStore(node).kv();
  for (let i = 0; i < 50; i++) await kv.put(utf8(`k${i}`), utf8(String(i)));
  const checking = collect(client.storeCheck({}));
  const rebuilding = collect(client.storeRebuild({}));
  for (let i = 50; i < 80; i++) await client.put({ key: utf8(`k${i}`), value: utf8(String(i)) });
  const found = (await checking).at(-1)?.event;
  assert.ok(found?.case === 'report');
  assert.deepEqual([found.value.problems, found.value.compared], [[], true]);
  assert.ok(found.value.entries >= 50n);
  const rebuilt = (await rebuilding).at(-1)?.event;
  assert.ok(rebuilt?.case === 'report' && rebuilt.value.entries >= 50n);
  assert.equal([...kv.list()].length, 80);
});

test('who stops reading ends the check, and who aborts is told so', async (context) => {
  const { node, machine, owned } = await servedNode(context);
  await node.createMesh();
  for await (const _ of owned.client.storeCheck({})) break;
  const stop = new AbortController();
  stop.abort();
  const aborted = collect(owned.client.storeCheck({}, { signal: stop.signal }));
  await assert.rejects(aborted, (error) => error instanceof LatticeError && error.code === 'aborted');
  await owned.close({ drainMs: 0 });
  assert.equal(machine.isOpen, false);
});
