// A node joins and gets everything, over a transport in memory: against hashing, and one LMDB put each. Who sends and who
// receives share this process and its thread, so that both are in the figure.
import { join } from 'node:path';
import { keyPairFromSeed } from '@lattice/crypto';
import { hashEntry } from '@lattice/kernel';
import { DataDirectory } from '@lattice/storage-node';
import { MemoryNetwork } from '@lattice/testkit';
import { inFolder } from '../tools/folder.mjs';
import { appendHistory, makeHistory } from '../tools/history.mjs';
import { inTurns, perSecond } from '../tools/in-turns.mjs';
import { mainStore, openDiskNode } from '../tools/nodes.mjs';
import { PlainLmdb } from '../tools/plain-lmdb.mjs';
import { random, timers } from '../tools/ports.mjs';
import { rowOf } from '../row.mjs';

const perBundle = 256;
const authors = 3;
const [keyBytes, valueBytes] = [16, 100];

export async function* measure({ longRounds, entries }) {
  yield* inFolder(async function* (folder) {
    const network = new MemoryNetwork({ timers });
    const history = await makeMesh(folder, network, entries);
    const source = await openDiskNode(join(folder, 'author-0'), { network });
    await source.startNetwork();
    const { sync, limit } = await inTurns(longRounds, {
      sync: () => join1(source, join(folder, random.bytes(4).join('-')), network, entries),
      limit: () => hashAndPut(history, entries),
    });
    const bytes = await wireBytes(source, join(folder, 'counted'), network, entries);
    await source[Symbol.asyncDispose]();
    const name = `sync to an empty node, ${entries.toLocaleString('en-US')} entries, ${authors} authors`;
    yield rowOf({ name, value: sync, unit: '/s', limit, target: { atLeast: 0.5 } });
    const beside = bytes / entries - keyBytes - valueBytes;
    yield rowOf({
      name: 'the same, an entry on the wire less key and value',
      value: beside,
      unit: 'B',
      target: { atMost: 24 },
    });
  });
}

/** Nodes that are in one mesh; the first one's log gets the history of all of them, which is returned. */
async function makeMesh(folder, network, entries) {
  const folders = Array.from({ length: authors }, (_, number) => join(folder, `author-${number}`));
  const [first, ...others] = folders;
  const founder = await openDiskNode(first, { network });
  const mesh = await founder.createMesh({ name: 'benchmark' });
  await founder.startNetwork();
  for (const other of others) {
    const node = await openDiskNode(other, { network });
    await node.joinMesh((await mesh.createInvite()).token);
    await node[Symbol.asyncDispose]();
  }
  const { id, uuid } = mainStore(founder);
  await founder[Symbol.asyncDispose]();

  const keys = [];
  for (const one of folders) {
    const directory = await DataDirectory.open(one, { random });
    keys.push(keyPairFromSeed(await directory.identitySeed(() => random.bytes(32))));
    await directory[Symbol.asyncDispose]();
  }
  const history = [...makeHistory({ store: id, authors: keys, entries, perBundle })];
  const directory = await DataDirectory.open(first, { random });
  const { log } = await directory.openStore(uuid);
  await appendHistory(log, history);
  await directory[Symbol.asyncDispose]();
  return history;
}

/** From the moment that it asks to join until it has all entries. */
async function join1(source, folder, network, entries) {
  const { token } = await source.meshes()[0].createInvite();
  const node = await openDiskNode(folder, { network });
  const rate = await perSecond(entries, async () => {
    const all = new Promise((resolve) => {
      const look = () => node.meshes()[0]?.stores()[0]?.status().entries === entries && resolve();
      node.subscribe(({ kind }) => kind === 'store-changed' && look());
    });
    await node.joinMesh(token);
    await all;
  });
  await node[Symbol.asyncDispose]();
  return rate;
}

/** All that goes to and fro until it has everything, from the moment that it asks to join. */
async function wireBytes(source, folder, network, entries) {
  const before = network.total.bytes;
  await join1(source, folder, network, entries);
  return network.total.bytes - before;
}

async function hashAndPut(history, entries) {
  const plain = new PlainLmdb();
  const rate = await perSecond(entries, () => {
    for (const bundle of history)
      plain.putAll(
        bundle.entries.map((entry) => [hashEntry(entry).subarray(0, 16), entry.payload.subarray(-100)]),
      );
  });
  await plain.close();
  return rate;
}
