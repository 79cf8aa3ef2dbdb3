// A mesh of several authors whose history lies in the log of the first, and nodes that join it.
import { join } from 'node:path';
import { keyPairFromSeed } from '@lattice/crypto';
import { DataDirectory } from '@lattice/storage-node';
import { MemoryNetwork } from '@lattice/testkit';
import { appendHistory, makeHistory } from './history.mjs';
import { mainStore, openDiskNode } from './nodes.mjs';
import { random, timers } from './ports.mjs';

/** As many as writers put together, where their values are small: a bundle of 1 MiB would be more than a peer may send. */
const [perBundleMax, bundleBytesMax] = [256, 512 * 1024];

/**
 * Makes nodes that are in one mesh, in folders within that one; the first one's log gets the history of all of them. Returns
 * that one's folder, and the history.
 */
export async function makeMesh(
  folder,
  { authors, entries, valueBytes, network = new MemoryNetwork({ timers }) },
) {
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
  const perBundle = Math.min(perBundleMax, Math.floor(bundleBytesMax / valueBytes));
  const history = [...makeHistory({ store: id, authors: keys, entries, perBundle, valueBytes })];
  const directory = await DataDirectory.open(first, { random });
  const { log } = await directory.openStore(uuid);
  await appendHistory(log, history);
  await directory[Symbol.asyncDispose]();
  return { first, history };
}

/** Has a node join, and waits until it has all entries of the mesh's only store. */
export async function joinAndSync(node, token, entries) {
  const all = new Promise((resolve) => {
    const look = () => node.meshes()[0]?.stores()[0]?.status().entries === entries && resolve();
    node.subscribe(({ kind }) => kind === 'store-changed' && look());
  });
  await node.joinMesh(token);
  await all;
}
