import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toHex, utf8 } from '@lattice/model';
import { collect, mainStore, servedNode } from './rig.js';

test('a sync tells how far it is with a peer, of how many entries, before it says what came of it', async (context) => {
  const { nodes, node, connectClient } = await servedNode(context);
  const client = await connectClient();
  await node.createMesh();
  await nodes.join('laptop', 'desk');
  const laptop = await nodes.machine('laptop').open();
  await laptop.startNetwork();
  await node.startNetwork();
  await nodes.meet('desk', 'laptop');

  // Neither hears of what the other writes.
  nodes.loss = () => true;
  for (let i = 0; i < 30; i++)
    await mainStore(node)
      .kv()
      .put(utf8(`desk ${i}`), utf8('1'));
  for (let i = 0; i < 20; i++)
    await mainStore(laptop)
      .kv()
      .put(utf8(`laptop ${i}`), utf8('1'));
  nodes.loss = () => false;

  const events = (await collect(client.storeSync({}))).map(({ event }) => event);
  const peer = toHex(nodes.machine('laptop').nodeId);
  const progress = events.flatMap((event) => (event.case === 'progress' ? [event.value] : []));
  assert.ok(progress.length > 0);
  for (const { sentEntries, receivedEntries, ...one } of progress) {
    assert.deepEqual([one.peer, one.toSend, one.toReceive], [peer, 30n, 20n]);
    assert.ok(sentEntries + receivedEntries > 0n && sentEntries <= 30n && receivedEntries <= 20n);
  }
  const last = events.at(-1);
  assert.ok(last?.case === 'finished' && last.value.failure === undefined, 'the report is the last');
  const [ours, theirs] = [node, laptop].map((one) => mainStore(one).status().entries);
  assert.deepEqual([ours, theirs], [50, 50]);
});
