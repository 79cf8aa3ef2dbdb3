// Stores with long histories, on disk.
import { keyPairFromSeed } from '@lattice/crypto';
import { HybridClock, Replica, storeIdOf } from '@lattice/kernel';
import { kvMachine } from '@lattice/kvstore';
import { storeUuid } from '@lattice/model';
import { encodeGenesis } from '@lattice/proto';
import { DataDirectory } from '@lattice/storage-node';
import { appendHistory, makeHistory } from './history.mjs';
import { mainStore, openDiskNode } from './nodes.mjs';
import { random, timers, wallClock } from './ports.mjs';

/** Lets everybody's entries count. */
const everybody = {
  rule: () => ({ spans: [{ after: -1n }], cutOffs: [] }),
  authors: () => [],
  alsoKept: () => [],
};

/**
 * Makes the data directory of a node whose only store has so many entries of its own, each a put, in its log and not in its
 * state yet. Returns where that state is.
 */
export async function makeLoggedStore(folder, { entries, perBundle, keyOf }) {
  const node = await openDiskNode(folder);
  await node.createMesh({ name: 'benchmark' });
  const { id, uuid } = mainStore(node);
  await node[Symbol.asyncDispose]();

  const storage = await DataDirectory.open(folder, { random });
  const author = keyPairFromSeed(await storage.identitySeed(() => random.bytes(32)));
  const { log } = await storage.openStore(uuid);
  await appendHistory(log, makeHistory({ store: id, authors: [author], entries, perBundle, keyOf }));
  await storage[Symbol.asyncDispose]();
  return { uuid };
}

export function newGenesis() {
  return { kind: 'store', type: 'kv', mesh: random.bytes(32), random: random.bytes(32) };
}

/** A store by itself, in which everybody's entries count; `fill` may append to its log before it is opened. */
export async function openLoneStore(folder, fill = async () => undefined, genesis = newGenesis()) {
  const id = storeIdOf(genesis);
  const directory = await DataDirectory.open(folder, { random });
  const storage = await directory.createStore(storeUuid(id), encodeGenesis(genesis));
  await fill(storage.log, id);
  const replica = await Replica.open({
    genesis,
    storage,
    machine: kvMachine,
    admission: everybody,
    key: keyPairFromSeed(random.bytes(32)),
    clock: new HybridClock(wallClock),
    timers,
    random,
  });
  const close = async () => {
    await replica[Symbol.asyncDispose]();
    await directory[Symbol.asyncDispose]();
  };
  return { id, replica, close };
}
