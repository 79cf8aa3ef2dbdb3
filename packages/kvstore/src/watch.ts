import { follow, type Followed } from '@lattice/proto';
import type { KvChange, KvChanges, KvWatchOptions } from './handle.js';
import type { KvBackend } from './kv-handle.js';
import { kvMachine } from './machine.js';
import type { KvOp } from './operations.js';
import { WatchTeller } from './watch-teller.js';

/** Tells the keys that change, as they change. */
export async function* watchKv(
  backend: KvBackend,
  { prefix = new Uint8Array(0), since, signal }: KvWatchOptions,
): AsyncGenerator<KvChanges, void, undefined> {
  const watched: Followed<KvOp, KvChange> = {
    machine: kvMachine,
    teller: (page) => new WatchTeller(backend, prefix, page),
  };
  for await (const { items, cursor, reset } of follow(backend, watched, { since, signal }))
    yield { changes: items, cursor, reset };
}
