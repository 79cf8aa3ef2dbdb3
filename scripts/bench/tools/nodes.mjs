// Nodes as applications have them, on real disks, without a network unless one in memory is given.
import { keyPairFromSeed } from '@lattice/crypto';
import { silentLogger } from '@lattice/model';
import { openNode } from '@lattice/node';
import { DataDirectory } from '@lattice/storage-node';
import { chunks, randomValue } from './data.mjs';
import { random, wallClock, timers } from './ports.mjs';

/** `bootId`: which run of the machine it is to believe in. */
export async function openDiskNode(folder, { network, bootId } = {}) {
  const storage = await DataDirectory.open(folder, { random, ...(bootId && { bootId }) });
  return openNode({
    storage,
    openTransport: async (seed) => network.transport(keyPairFromSeed(seed).nodeId),
    clock: wallClock,
    timers,
    random,
    logger: silentLogger,
    version: 'benchmark',
  });
}

/** A node whose only store has those keys. */
export async function openLoadedNode(folder, keys) {
  const node = await openDiskNode(folder);
  await node.createMesh({ name: 'benchmark' });
  const kv = mainStore(node).kv();
  for (const some of chunks(keys, 1_000))
    await kv.batch(some.map((key) => ({ kind: 'put', key, value: randomValue() })));
  return { node, kv };
}

export function mainStore(node) {
  return node.meshes()[0].stores()[0];
}
