import { equalBytes, type NodeId, toHex } from '@lattice/model';
import type { Node } from '@lattice/node';
import { entriesInOpen, isIndexed, type LoggedEntry } from '../disk/read-logs.js';
import type { SimMachine } from './machine.js';
import { meshOf, type World } from './world.js';

/** How a node begins to tell that it put holes in a log out of use. */
const mended = 'Mended the log';

/** Has a machine remember what its node goes on without. */
export function watchLettingGo(world: World, machine: SimMachine, node: Node): void {
  node.subscribe((event) => {
    if (event.kind === 'warning' && event.message.startsWith(mended)) noteLetGo(world, machine);
  });
}

/**
 * Of what it wrote itself, what nobody has who is connected: where somebody has, to write on without it is a fault. So is having
 * done so before.
 */
function noteLetGo(world: World, machine: SimMachine): void {
  const connected = [...world.machines.values()].filter((other) => areConnected(world, machine, other));
  for (const one of machine.damaged) {
    if (!equalBytes(one.entry.author, machine.nodeId) || hasWrittenInItsPlace(machine, one)) continue;
    if (!connected.some(({ disk }) => isIndexed(disk, one))) machine.letGo.add(toHex(one.hash));
  }
}

function hasWrittenInItsPlace({ disk }: SimMachine, { uuid, entry }: LoggedEntry): boolean {
  return entriesInOpen(disk, uuid).some(
    ({ entry: other }) => equalBytes(other.prev, entry.prev) && equalBytes(other.author, entry.author),
  );
}

/** Which of those that have one key it is connected with, neither can tell. */
function areConnected(world: World, one: SimMachine, other: SimMachine): boolean {
  const isOneOfSeveral = [...world.machines.values()].some(
    (third) => third !== other && equalBytes(third.nodeId, other.nodeId),
  );
  return !isOneOfSeveral && isOnlineFor(one, other.nodeId) && isOnlineFor(other, one.nodeId);
}

function isOnlineFor({ node }: SimMachine, peer: NodeId): boolean {
  const peers = meshOf(node)?.peers() ?? [];
  return peers.some(({ nodeId, self, online }) => !self && online === true && equalBytes(nodeId, peer));
}
