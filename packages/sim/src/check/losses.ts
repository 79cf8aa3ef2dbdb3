import { equalBytes, type NodeId, storeUuid, toHex } from '@lattice/model';
import { entriesOn, type LoggedEntry } from '../disk/read-logs.js';
import type { SimMachine } from '../world/machine.js';
import type { World } from '../world/world.js';
import type { Reference } from './counting.js';
import { meshOpsIn } from './mesh-ops.js';
import type { Known, Loose, Named } from './past.js';
import { hasLeft, type Union, type UnionStore } from './union.js';

/** What was acknowledged is there, and counts unless a revocation cut it off; what is not there is gone for a reason. */
export async function lossFindings(world: World, union: Union): Promise<string[]> {
  const byUuid = new Map(union.stores.map((store) => [store.uuid, store]));
  const standIns = standInsOf(union);
  const unlost = await logsThatLost(world);
  const deeds = meshLossFindings(world, union, unlost, standIns);
  const writes = world.acknowledged.flatMap(({ store: uuid, machine, entry, atMs }) => {
    const store = byUuid.get(uuid);
    const author = world.machine(machine).nodeId;
    if (!store || store.removed) return [];
    const found = store.past.get(entry) ?? standIns.get(entry);
    if (found ? isJudged(union.reference, store, found) : wasCutOff(union.reference, author)) return [];
    if (isAdmissionGone(world, union, author)) return [];
    if (!found && world.undeleted.has(uuid)) return [];
    // Its author was asked, and has it.
    const isOwed = unlost.get(machine)?.some((one) => one.uuid === uuid && toHex(one.hash) === entry);
    if (!found && !isOwed && isExcused(world, union, store, { key: entry, author })) return [];
    const how = found ? 'does not count' : 'is nowhere';
    return [`a write of ${machine}, acknowledged at ${atMs.toFixed(0)} ms, ${how}: ${entry.slice(0, 8)}`];
  });
  return [...deeds, ...writes];
}

/** Of what was done in the mesh nobody knows who did not do it: so its author has to say it again where part of the mesh is lost. */
function meshLossFindings(world: World, union: Union, unlost: Logs, standIns: StandIns): string[] {
  const uuid = storeUuid(union.mesh);
  return [...unlost].flatMap(([machine, entries]) => {
    const { nodeId } = world.machine(machine);
    if (wasCutOff(union.reference, nodeId) || isAdmissionGone(world, union, nodeId)) return [];
    const own = entries.filter((one) => one.uuid === uuid && equalBytes(one.entry.author, nodeId));
    const keys = own.map(({ hash }) => toHex(hash));
    const nowhere = keys.filter((key) => !union.meshPast.get(key) && !standIns.has(key));
    return nowhere.map((key) => `what ${machine} did in the mesh is nowhere: ${key.slice(0, 8)}`);
  });
}

type StandIns = ReadonlyMap<string, Known>;
type Logs = ReadonlyMap<string, readonly LoggedEntry[]>;

/** What was issued again, by the hash of the original in hexadecimal. */
function standInsOf({ meshPast, stores }: Union): StandIns {
  const all = [meshPast, ...stores.map(({ past }) => past)].flatMap(({ entries }) => entries);
  return new Map(all.flatMap((one) => (one.entry.instead ? [[toHex(one.entry.instead), one]] : [])));
}

/** Of machines whose people accepted that something is lost of a store: what is whole in its log all the same. */
async function logsThatLost(world: World): Promise<Logs> {
  const logs = new Map<string, readonly LoggedEntry[]>();
  for (const { name, disk, accepted } of world.machines.values()) {
    if (accepted.size === 0) continue;
    const entries = await entriesOn(disk);
    logs.set(
      name,
      entries.filter(({ uuid }) => accepted.has(uuid)),
    );
  }
  return logs;
}

/** Whether it counts, or would but for revocations. */
function isJudged(reference: Reference, { id, past }: UnionStore, entry: Known): boolean {
  return reference.countsIn(id, past, entry) || reference.unrevoked.countsIn(id, past, entry);
}

/** Whether a revocation is against it or against who let it in: nobody keeps then what it cuts off. */
function wasCutOff(reference: Reference, author: NodeId): boolean {
  return reference.isRevoked(author) || reference.wasUndone(author);
}

/** Whether nobody knows any more that it was let in, since what says so is gone, or stands behind something that is. */
function isAdmissionGone(world: World, union: Union, author: NodeId): boolean {
  const damaged = [...world.machines.values()].flatMap((machine) => machine.damaged);
  const known = damaged.map(({ entry, hash }): Loose => ({ key: toHex(hash), entry }));
  return [...union.meshPast.waiting(), ...known].some(
    ({ key, entry }) =>
      meshOpsIn(entry).some((op) => op.kind === 'admit' && equalBytes(op.node, author)) &&
      union.meshPast
        .missingFor({ key, author: entry.author })
        .some((missing) => isGone(world, union, missing)),
  );
}

/** What stands behind something that no member has any more waits for ever, where it is. */
function isExcused(world: World, union: Union, store: UnionStore, entry: Named): boolean {
  return store.past.missingFor(entry).some((one) => isGone(world, union, one));
}

/** Whether it is nowhere for a reason that the story has. */
function isGone(world: World, { unheard, aside }: Union, { key, author }: Named): boolean {
  if (world.forgone.has(key) || wasLostByForce(world, key)) return true;
  const own = [...world.machines.values()].filter(({ nodeId }) => equalBytes(nodeId, author));
  // Whoever has it tells no member any more, as its author does not, or has left; or its author had lost it.
  if (aside.has(key) && own.some((one) => unheard.has(one) || hasLeft(one))) return true;
  return (
    (aside.has(key) || world.tookAway.has(key)) && own.some((one) => one.mayFork || hasDamaged(one, key))
  );
}

function hasDamaged({ damaged }: SimMachine, key: string): boolean {
  return damaged.some(({ hash }) => toHex(hash) === key);
}

/** Who leaves by force accepts that what nobody else has is gone. */
function wasLostByForce({ lostByForce, machines }: World, entry: string): boolean {
  return lostByForce.has(entry) || [...machines.values()].some(({ leavingWith }) => leavingWith?.has(entry));
}
