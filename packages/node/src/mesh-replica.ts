import { Replica } from '@lattice/kernel';
import { meshMachine } from '@lattice/meshstore';
import type { MeshGenesis } from '@lattice/model';
import type { StoreStorage } from '@lattice/storage';
import type { NodeContext } from './context.js';
import { heedHistory } from './local-store.js';

/** Opens a mesh's own store, which says itself what counts: whoever opens it tells it. */
export async function openMeshReplica(
  context: NodeContext,
  genesis: MeshGenesis,
  storage: StoreStorage,
): Promise<Replica> {
  const { key, hlc: clock, timers, random, logger, checkpointPolicy } = context;
  const replica = await Replica.open({
    genesis,
    storage,
    machine: meshMachine,
    projectUncounted: true,
    key,
    clock,
    timers,
    random,
    logger,
    ...(checkpointPolicy && { checkpointPolicy }),
  });
  heedHistory(replica, context);
  return replica;
}
