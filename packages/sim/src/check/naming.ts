import type { MeshOp } from '@lattice/meshstore';
import { comparePlaces, equalBytes, type NodeId, storeUuid } from '@lattice/model';
import type { SimMachine } from '../world/machine.js';
import { meshOf, type World } from '../world/world.js';
import type { Placed, Reference } from './counting.js';
import type { Union } from './union.js';

/** That a node calls members and stores what the last one who named them did, in the order that all agree on. */
export function namingFindings(world: World, union: Union, { name, node }: SimMachine): string[] {
  const home = meshOf(node);
  if (!home) return [];
  const operations = inOrder(union.reference);
  const findings: string[] = [];
  for (const store of home.stores()) {
    const right = storeName(operations, store.uuid);
    if (right !== undefined && store.name !== right)
      findings.push(`${name} calls a store ${store.name}, and it is called ${right}`);
  }
  for (const peer of home.peers()) {
    const own = ownName(operations, peer.nodeId);
    if (own !== undefined && peer.name !== own)
      findings.push(`${name} calls ${world.nameOf(peer.nodeId)} ${peer.name}, and it is called ${own}`);
  }
  return findings;
}

function inOrder(reference: Reference): readonly Placed<MeshOp>[] {
  return [...reference.operations()].sort((a, b) => comparePlaces(placeOf(a), placeOf(b)));
}

function storeName(operations: readonly Placed<MeshOp>[], uuid: string): string | undefined {
  const named = operations.findLast(({ op }) => op.kind === 'nameStore' && storeUuid(op.store) === uuid);
  return named?.op.kind === 'nameStore' ? named.op.name : undefined;
}

function ownName(operations: readonly Placed<MeshOp>[], node: NodeId): string | undefined {
  const named = operations.findLast(
    ({ at, op }) => op.kind === 'nameNode' && equalBytes(at.entry.author, node),
  );
  return named?.op.kind === 'nameNode' ? named.op.name : undefined;
}

function placeOf({ at, index }: Placed<MeshOp>): Parameters<typeof comparePlaces>[0] {
  return { time: at.time, author: at.entry.author, entry: at.hash, op: index };
}
