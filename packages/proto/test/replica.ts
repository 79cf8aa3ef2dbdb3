import { HybridClock, Replica } from '@lattice/kernel';
import type { Admission, Hlc } from '@lattice/model';
import { encodeGenesis } from '@lattice/proto';
import { MemoryNodeStorage } from '@lattice/storage';
import { carol, kvGenesis } from './make/material.js';

const everything: Admission = {
  rule: () => ({ spans: [{ after: -1n as Hlc }], cutOffs: [] }),
  authors: () => [],
  alsoKept: () => [],
};

/** The vectors' key-value store on a node that has nothing of it, takes anybody's entries, and lives in far future. */
export async function emptyReplica(): Promise<Replica> {
  const genesis = encodeGenesis(kvGenesis);
  return Replica.open({
    genesis: kvGenesis,
    storage: await new MemoryNodeStorage().createStore('store', genesis),
    machine: undefined,
    admission: everything,
    key: carol,
    clock: new HybridClock({ nowMs: () => 2 ** 47 }),
    timers: { monotonicMs: () => 0, after: () => () => undefined, yield: () => Promise.resolve() },
    random: { bytes: (length) => new Uint8Array(length) },
  });
}
