import { logHandle, logMachine, type Log } from '@lattice/logstore';
import { fromUtf8, type Hlc, type IdKey, type StoreId, utf8 } from '@lattice/model';
import { historyKey, ReplicaRig } from '@lattice/testkit';

const genesis = {
  kind: 'store',
  type: 'log',
  mesh: new Uint8Array(32) as Uint8Array as StoreId,
  random: new Uint8Array(32),
} as const;

export function open(author = 1): Promise<ReplicaRig> {
  return ReplicaRig.open({ genesis, machine: logMachine, key: historyKey(0, author) });
}

export function logOf({ replica }: ReplicaRig): Log {
  return logHandle(replica);
}

/** One entry after the other, a millisecond apart. */
export async function append(rig: ReplicaRig, ...values: readonly string[]): Promise<Uint8Array[]> {
  const positions: Uint8Array[] = [];
  for (const value of values) {
    rig.time.setNowMs(rig.time.nowMs() + 1);
    positions.push(await logOf(rig).append(utf8(value)));
  }
  return positions;
}

export async function bring(from: ReplicaRig, to: ReplicaRig): Promise<void> {
  const end = (2n ** 63n) as Hlc;
  for (const bundle of from.replica.outgoing(to.replica.tips()).bundles(end))
    await to.receive(bundle, 'full', 'a peer' as IdKey);
}

export function textOf(items: Iterable<{ readonly value: Uint8Array }>): string {
  return [...items].map(({ value }) => fromUtf8(value)).join(' ');
}
