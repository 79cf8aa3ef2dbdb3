import type { AnyMachine } from '@lattice/kernel';
import { kvMachine } from '@lattice/kvstore';
import { logMachine } from '@lattice/logstore';
import { LatticeError } from '@lattice/model';

/** The machines that this node has. A store of another type replicates here and is not applied. */
const machines: ReadonlyMap<string, AnyMachine> = new Map<string, AnyMachine>([
  [kvMachine.type, kvMachine],
  [logMachine.type, logMachine],
]);

export function machineFor(type: string): AnyMachine | undefined {
  return machines.get(type);
}

/** Throws `store-type-unknown`. */
export function requireMachine(type: string): void {
  if (machines.has(type)) return;
  const known = [...machines.keys()].join(', ');
  throw new LatticeError('store-type-unknown', `There is no store type "${type}" here: use one of ${known}.`);
}
