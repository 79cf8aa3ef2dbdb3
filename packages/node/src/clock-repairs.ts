import type { HybridClock, Replica } from '@lattice/kernel';
import { counted, durationText, hlcToMs, LatticeError, type StoreId } from '@lattice/model';
import type { NodeContext } from './context.js';
import type { LocalMesh } from './local-mesh.js';
import type { ClockRepairedStore } from './public.js';

/** A replica, and what its store is called: `the store "main"`. */
export interface NamedReplica {
  readonly id: StoreId;
  readonly where: string;
  readonly replica: Replica;
}

/** The mesh store first. */
export function namedReplicas(mesh: LocalMesh): readonly NamedReplica[] {
  const names = [`the mesh "${mesh.name}" itself`, ...mesh.stores().map(({ name }) => `the store "${name}"`)];
  return mesh.replicas().map((replica, index) => ({ id: replica.id, where: names[index] ?? '', replica }));
}

/** Says of each store in which this node's own entries are dated too far ahead for others to take them. */
export function strandedWarnings(replicas: readonly NamedReplica[], nowMs: number): readonly string[] {
  return replicas.flatMap(({ where, replica }) => {
    const stranded = replica.stranded();
    if (!stranded) return [];
    const ahead = durationText(hlcToMs(stranded.time) - nowMs);
    const entries = counted(stranded.entries, 'entry', 'entries');
    return [
      `In ${where}, ${entries} that this node wrote while its clock was ahead: dated by up to ${ahead} in the future, nobody else takes them before that. If the clock is right now, "node repair-clock" issues them again.`,
    ];
  });
}

/** Has the clock go by the wall clock again, whatever it was ahead by. Throws `clock-not-set`. */
export function restartClock({
  clock,
  hlc,
}: Pick<NodeContext, 'clock'> & { readonly hlc: HybridClock }): void {
  if (!clock.isSet) {
    throw new LatticeError(
      'clock-not-set',
      'The clock of this machine was never set, so that nothing can be dated by it: set it, then repeat this.',
    );
  }
  clock.trust();
  hlc.restart();
}

/** Issues again what is stranded, store by store: one that fails keeps no other from it. */
export async function repairClocks(
  replicas: readonly NamedReplica[],
): Promise<readonly ClockRepairedStore[]> {
  const repaired: ClockRepairedStore[] = [];
  for (const { id: store, where, replica } of replicas) {
    try {
      const done = await replica.repairClock();
      if (done) repaired.push({ store, where, ...done });
    } catch (error) {
      if (!(error instanceof LatticeError)) throw error;
      // It was deleted meanwhile, or its mesh was left.
      if (error.code === 'store-closed') continue;
      repaired.push({ store, where, reissued: 0, left: 0, failure: error.message });
    }
  }
  return repaired;
}
