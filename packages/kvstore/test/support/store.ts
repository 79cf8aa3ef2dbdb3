import assert from 'node:assert/strict';
import { type KvChanges, kvHandle, kvMachine } from '@lattice/kvstore';
import { type Hlc, type IdKey, type StoreId, utf8 } from '@lattice/model';
import { historyKey, ReplicaRig } from '@lattice/testkit';
import type { Watcher } from './watcher.js';

export const genesis = {
  kind: 'store',
  type: 'kv',
  mesh: new Uint8Array(32) as Uint8Array as StoreId,
  random: new Uint8Array(32),
} as const;

export function open(author = 1): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: kvMachine, key: historyKey(0, author) });
}

/** "a=1" puts, "a" deletes; all in one batch. */
export function put({ replica }: ReplicaRig, ...writes: readonly string[]): Promise<unknown> {
  return kvHandle(replica).batch(
    writes.map((write) => {
      const [key = '', value] = write.split('=');
      return value === undefined
        ? { kind: 'delete', key: utf8(key) }
        : { kind: 'put', key: utf8(key), value: utf8(value) };
    }),
  );
}

export async function bring(from: ReplicaRig, to: ReplicaRig): Promise<void> {
  const end = (2n ** 63n) as Hlc;
  for (const bundle of from.replica.outgoing(to.replica.tips()).bundles(end))
    await to.receive(bundle, 'full', 'a peer' as IdKey);
}

export async function must(watcher: Watcher): Promise<KvChanges> {
  const page = await watcher.pull();
  assert.ok(page, 'there is something to tell');
  return page;
}
