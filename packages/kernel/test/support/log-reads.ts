import type { ReplicaRig } from '@lattice/testkit';

/** How many records of its log the replica reads in order meanwhile. */
export async function readsOf(
  rig: ReplicaRig,
  work: () => Promise<void>,
): Promise<{ readonly records: number }> {
  const { log } = rig.stored;
  const itemsFrom = log.itemsFrom.bind(log);
  let records = 0;
  log.itemsFrom = function* (offset) {
    for (const item of itemsFrom(offset)) {
      records++;
      yield item;
    }
  };
  await work();
  log.itemsFrom = itemsFrom;
  return { records };
}
