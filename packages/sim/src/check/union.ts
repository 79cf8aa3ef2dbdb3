import {
  type Entry,
  type Hash,
  type IdKey,
  idKey,
  type MeshGenesis,
  type StoreId,
  storeUuid,
  toHex,
} from '@lattice/model';
import { storeIdOf } from '@lattice/kernel';
import { storeGenesis } from '@lattice/meshstore';
import { decodeGenesis } from '@lattice/proto';
import { allEntries, entriesOf, isIndexed, type LoggedEntry, recordsOf } from '../disk/read-logs.js';
import type { SimMachine } from '../world/machine.js';
import { meshOf } from '../world/world.js';
import { Reference } from './counting.js';
import { Past } from './past.js';

/** All that there is on some disks, and what it comes to by the rules. */
export interface Union {
  readonly mesh: StoreId;
  readonly reference: Reference;
  readonly meshPast: Past;
  readonly stores: readonly UnionStore[];
  /**
   * Of whom no member hears any more: they were thrown out by members whom they take for revoked, or say themselves that they
   * are out, which others need not know.
   */
  readonly unheard: ReadonlySet<SimMachine>;
  /** What those, and all others who are no members, have in their logs, by hash in hexadecimal: stores are theirs no more. */
  readonly aside: ReadonlySet<string>;
  /** Say that they are out, and by all that they have are in. */
  readonly mistaken: readonly SimMachine[];
}

export interface UnionStore {
  readonly id: StoreId;
  readonly uuid: string;
  readonly type: string;
  readonly name: string;
  readonly removed: boolean;
  readonly past: Past;
}

/** What is in the logs of a store. */
interface Logged {
  readonly entries: Map<string, { readonly entry: Entry; readonly hash: Hash }>;
  /** Of each record that is taken in where it is, or may be, the hashes of its entries in hexadecimal. */
  readonly bundles: (readonly string[])[];
}

/** Of the first mesh that is found; `undefined` where there is none. */
export async function unionOf(machines: readonly SimMachine[]): Promise<Union | undefined> {
  const genesis = meshOn(machines);
  if (!genesis) return undefined;
  const mesh = storeIdOf(genesis);
  // Who knows that it was thrown out, or has left, speaks to nobody any more; who does not yet hands over what it has.
  const willing = machines.filter((machine) => !knowsItselfOut(machine));
  const atFirst = await judged(mesh, genesis, willing);
  const speaking: SimMachine[] = [];
  for (const machine of willing) {
    const isIn = atFirst.reference.isMember(machine.nodeId);
    const taken = isIn ? noNodes : await takenForMembers(mesh, genesis, machine, machines);
    if (isIn || isHeard(atFirst.reference, machine, taken, willing)) speaking.push(machine);
  }
  // Where each of them takes all others for revoked, it is a mesh by itself: the first one is looked at.
  if (speaking.every(hasLeft)) speaking.push(...willing.filter(({ node }) => meshOf(node)).slice(0, 1));
  const { reference, meshPast } =
    speaking.length < willing.length ? await judged(mesh, genesis, speaking) : atFirst;
  const unheard = new Set(machines.filter((machine) => !speaking.includes(machine)));
  const members = speaking.filter(({ nodeId }) => reference.isMember(nodeId));
  const others = machines.filter((machine) => !members.includes(machine));
  const aside = await allEntries(others.map(({ disk }) => disk));
  const kept = await gather(members);
  const pastOf = (store: StoreId) => pastIn(kept, store);
  const mistaken = await mistakenOf(mesh, genesis, machines.filter(knowsItselfOut));
  return { mesh, reference, meshPast, unheard, aside, mistaken, stores: storesOf(reference, pastOf) };
}

/** What is damaged may be what says that they are out. */
async function mistakenOf(
  mesh: StoreId,
  genesis: MeshGenesis,
  out: readonly SimMachine[],
): Promise<readonly SimMachine[]> {
  const mistaken: SimMachine[] = [];
  for (const machine of out.filter(({ wasDamaged }) => !wasDamaged)) {
    const { reference } = await judged(mesh, genesis, [machine]);
    if (reference.isMember(machine.nodeId)) mistaken.push(machine);
  }
  return mistaken;
}

async function judged(
  mesh: StoreId,
  { creator }: MeshGenesis,
  machines: readonly SimMachine[],
): Promise<Pick<Union, 'reference' | 'meshPast'>> {
  const meshPast = pastIn(await gather(machines), mesh);
  return { meshPast, reference: new Reference(mesh, creator, meshPast) };
}

/**
 * Such a node speaks to nobody any more, whether or not the others know why. Where all that the mesh's creator did was cut off,
 * nobody is a member, and nobody ever was.
 */
export function knowsItselfOut({ node }: Pick<SimMachine, 'node'>): boolean {
  const peers = meshOf(node)?.peers();
  if (!peers) return false;
  const self = peers.find((peer) => peer.self);
  return (self ?? peers.find(({ status }) => status === 'member'))?.status !== 'member';
}

const noNodes: ReadonlySet<IdKey> = new Set();

/** Whether its node is in no mesh any more, or not yet. */
export function hasLeft({ node }: Pick<SimMachine, 'node'>): boolean {
  return node !== undefined && meshOf(node) === undefined;
}

/** Whether a member may hear from one that is out: where it takes all members for revoked, nobody does. */
function isHeard(
  reference: Reference,
  { node, nodeId }: SimMachine,
  taken: ReadonlySet<IdKey>,
  machines: readonly SimMachine[],
): boolean {
  if (hasLeft({ node })) return true;
  return machines.some(
    (other) =>
      reference.isMember(other.nodeId) &&
      !hasLeft(other) &&
      taken.has(idKey(other.nodeId)) &&
      // Who goes on without what is lost, which this one may have, takes it for one that is out.
      (other.accepted.size === 0 || membersFor(other.node).has(idKey(nodeId))),
  );
}

/** Whom a machine takes for members: its node; or, of a copy whose turn is over, what it has on its disk. */
async function takenForMembers(
  mesh: StoreId,
  genesis: MeshGenesis,
  machine: SimMachine,
  machines: readonly SimMachine[],
): Promise<ReadonlySet<IdKey>> {
  if (machine.node) return membersFor(machine.node);
  const { reference } = await judged(mesh, genesis, [machine]);
  const taken = machines.filter(({ nodeId }) => reference.isMember(nodeId));
  return new Set(taken.map(({ nodeId }) => idKey(nodeId)));
}

/** Whom a node takes for members. */
export function membersFor(node: SimMachine['node']): ReadonlySet<IdKey> {
  const peers = meshOf(node)?.peers() ?? [];
  return new Set(peers.flatMap(({ status, nodeId }) => (status === 'member' ? [idKey(nodeId)] : [])));
}

function meshOn(machines: readonly SimMachine[]): MeshGenesis | undefined {
  for (const { disk } of machines) {
    for (const { genesis } of disk.memory.stores.values()) {
      const decoded = decodeGenesis(genesis);
      if (decoded.kind === 'mesh') return decoded;
    }
  }
  return undefined;
}

function pastIn(logged: ReadonlyMap<string, Logged>, store: StoreId): Past {
  const { entries, bundles } = logged.get(storeUuid(store)) ?? { entries: new Map(), bundles: [] };
  return new Past(entries, bundles, store);
}

async function gather(machines: readonly SimMachine[]): Promise<ReadonlyMap<string, Logged>> {
  const byStore = new Map<string, Logged>();
  const add = (all: readonly LoggedEntry[], isIn: boolean): void => {
    const [uuid = ''] = all.map((one) => one.uuid);
    const { entries, bundles }: Logged = byStore.get(uuid) ?? { entries: new Map(), bundles: [] };
    for (const { entry, hash } of all) entries.set(toHex(hash), { entry, hash });
    if (isIn) bundles.push(all.map(({ hash }) => toHex(hash)));
    byStore.set(uuid, { entries, bundles });
  };
  for (const { disk, damaged, accepted } of machines) {
    for (const uuid of disk.files.keys()) {
      // What waited for what was lost when that was accepted lies in the log, and nobody asks for it any more.
      const isIn = (one: LoggedEntry) => !accepted.has(uuid) || isIndexed(disk, one);
      for (const { bundle } of await recordsOf(disk, uuid)) {
        const entries = entriesOf(uuid, bundle);
        add(entries, entries.every(isIn));
      }
    }
    // What a node knows of a damaged record goes on counting for it, also where nobody is left who could give it back.
    for (const one of damaged) if (isIndexed(disk, one)) add([one], true);
  }
  return byStore;
}

function storesOf(reference: Reference, pastOf: (store: StoreId) => Past): UnionStore[] {
  const operations = [...reference.operations()].sort((a, b) => (a.at.time < b.at.time ? -1 : 1));
  const stores = new Map<string, Omit<UnionStore, 'past' | 'removed'>>();
  const removed = new Set<string>();
  for (const { op } of operations) {
    if (op.kind === 'createStore') {
      const { id, genesis } = storeGenesis(reference.mesh, op);
      const uuid = storeUuid(id);
      stores.set(uuid, { id, uuid, type: genesis.type, name: op.name });
    } else if (op.kind === 'removeStore') removed.add(storeUuid(op.store));
  }
  return [...stores.values()].map((store) => ({
    ...store,
    removed: removed.has(store.uuid),
    past: pastOf(store.id),
  }));
}
