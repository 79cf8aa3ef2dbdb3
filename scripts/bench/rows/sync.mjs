// A node joins and gets everything, over a transport in memory: against hashing, and one LMDB put each. Who sends and who
// receives share this process and its thread, so that both are in the figure.
import { join } from 'node:path';
import { hashEntry } from '@lattice/kernel';
import { MemoryNetwork } from '@lattice/testkit';
import { inFolder } from '../tools/folder.mjs';
import { inTurns, perSecond } from '../tools/in-turns.mjs';
import { joinAndSync, makeMesh } from '../tools/mesh.mjs';
import { openDiskNode } from '../tools/nodes.mjs';
import { PlainLmdb } from '../tools/plain-lmdb.mjs';
import { random, timers } from '../tools/ports.mjs';
import { counted, rowOf } from '../row.mjs';

const authors = 3;
const [keyBytes, valueBytes] = [16, 100];

export async function* measure({ longRounds, entries }) {
  yield* inFolder(async function* (folder) {
    const network = new MemoryNetwork({ timers });
    const { first, history } = await makeMesh(folder, { authors, entries, valueBytes, network });
    const source = await openDiskNode(first, { network });
    await source.startNetwork();
    const { sync, limit } = await inTurns(longRounds, {
      sync: () => join1(source, join(folder, random.bytes(4).join('-')), network, entries),
      limit: () => hashAndPut(history, entries),
    });
    const bytes = await wireBytes(source, join(folder, 'counted'), network, entries);
    await source[Symbol.asyncDispose]();
    const name = `sync to an empty node, ${counted(entries)} entries, ${authors} authors`;
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

/** From the moment that it asks to join until it has all entries. */
async function join1(source, folder, network, entries) {
  const { token } = await source.meshes()[0].createInvite();
  const node = await openDiskNode(folder, { network });
  const rate = await perSecond(entries, () => joinAndSync(node, token, entries));
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
