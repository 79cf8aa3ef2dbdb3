import { describe, test } from 'node:test';
import { MemoryFiles, type NodeStorage, type OrderedKv } from '@lattice/storage';
import { DataDirectory, NodeFiles, openGuardedKv } from '@lattice/storage-node';
import {
  logSuite,
  nodeStorageSuite,
  orderedKvSuite,
  SeededRandom,
  type StorageCase,
  type StorageRig,
} from '@lattice/testkit';
import { openLog } from './support/logs.js';
import { TemporaryDirectory } from './support/temporary-directory.js';

function suite(name: string, cases: readonly StorageCase[]): void {
  describe(name, () => {
    for (const { name: behaviour, run } of cases) test(behaviour, run);
  });
}

async function rigIn<Opened>(open: (path: string) => Promise<Opened>): Promise<StorageRig<Opened>> {
  const directory = await TemporaryDirectory.make();
  return {
    open: () => open(directory.path),
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

function memoryRig(segmentBytes: number) {
  const files = new MemoryFiles();
  return Promise.resolve({
    open: () => openLog(files, { segmentBytes }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
}

const openKv =
  (durable: boolean) =>
  async (path: string): Promise<OrderedKv> => {
    const { kv } = await openGuardedKv(`${path}/state.db`, { durable, bootId: 'this run' });
    return kv;
  };

const openDirectory = (path: string): Promise<NodeStorage> =>
  DataDirectory.open(path, { random: new SeededRandom(1) });

suite(
  'a segment log in files',
  logSuite(() => rigIn((path) => openLog(new NodeFiles(path)))),
);
suite(
  'a segment log in files, of small segments',
  logSuite(() => rigIn((path) => openLog(new NodeFiles(path), { segmentBytes: 500 }))),
);
suite(
  'a segment log in memory, of small segments',
  logSuite(() => memoryRig(500)),
);
suite(
  'a segment log in memory, of one append each',
  logSuite(() => memoryRig(1)),
);
suite(
  'LMDB, not synced',
  orderedKvSuite(() => rigIn(openKv(false))),
);
suite(
  'LMDB, synced',
  orderedKvSuite(() => rigIn(openKv(true))),
);
suite(
  'a data directory',
  nodeStorageSuite(() => rigIn(openDirectory)),
);
