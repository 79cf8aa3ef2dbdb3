import { describe, test } from 'node:test';
import {
  MemoryDisk,
  MemoryKv,
  MemoryKvContent,
  MemoryLog,
  MemoryLogContent,
  MemoryNodeStorage,
} from '@lattice/storage';
import {
  logSuite,
  nodeStorageSuite,
  orderedKvSuite,
  type StorageCase,
  type StorageRig,
} from '@lattice/testkit';

function suite(name: string, cases: readonly StorageCase[]): void {
  describe(name, () => {
    for (const { name: behaviour, run } of cases) test(behaviour, run);
  });
}

function rigOver<Content, Opened>(content: Content, open: (content: Content) => Opened): StorageRig<Opened> {
  return { open: () => Promise.resolve(open(content)), [Symbol.asyncDispose]: () => Promise.resolve() };
}

suite(
  'a log in memory',
  logSuite(() => Promise.resolve(rigOver(new MemoryLogContent(), (content) => new MemoryLog(content)))),
);
suite(
  'a key-value store in memory',
  orderedKvSuite(() => Promise.resolve(rigOver(new MemoryKvContent(), (content) => new MemoryKv(content)))),
);
suite(
  "a node's storage in memory",
  nodeStorageSuite(() => Promise.resolve(rigOver(new MemoryDisk(), (disk) => new MemoryNodeStorage(disk)))),
);
