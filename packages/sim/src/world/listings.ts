import { type IdKey, idKey, toHex } from '@lattice/model';
import type { Mesh, Node } from '@lattice/node';
import { allEntries, entriesOn } from '../disk/read-logs.js';
import type { SimMachine } from './machine.js';
import type { Step, StepOf } from './step.js';
import { meshOf, storeOf, type World } from './world.js';

/** What somebody may be told although nothing is wrong. */
export const gone = [
  'store-closed',
  'node-closed',
  'mesh-left',
  'mesh-not-found',
  'not-a-member',
  'store-not-found',
];

export type ListingKind = 'renameStore' | 'deleteStore' | 'nameNode' | 'leave';

type Doer<Kind extends Step['do']> = (
  world: World,
  machine: SimMachine,
  step: StepOf<Kind>,
) => string | undefined | Promise<string | undefined>;

/** Of what people do to what a mesh lists: its stores, and the nodes with their names. */
export const listings: { readonly [Kind in ListingKind]: Doer<Kind> } = {
  renameStore: (world, machine, { store: name, name: next }) =>
    onNode(machine, (node) => {
      const store = storeOf(node, name);
      if (!store) return `has no store "${name}"`;
      const may = [...gone, 'store-name-taken'];
      world.begin(machine, `rename ${name}`, () => store.rename(next), { may });
      return undefined;
    }),

  deleteStore: (world, machine, { store: name }) =>
    onNode(machine, (node) => {
      const store = storeOf(node, name);
      if (!store) return `has no store "${name}"`;
      world.begin(machine, `delete ${name}`, () => store.delete(), { may: gone });
      return undefined;
    }),

  nameNode: (world, machine, { name }) =>
    onNode(machine, (node) => {
      world.begin(machine, `name ${name}`, () => node.setName(name), { may: gone });
      return undefined;
    }),

  leave: async (world, machine, { force }) => {
    const mesh = meshOf(machine.node);
    if (!mesh) return 'is in no mesh';
    const had = new Set((await entriesOn(machine.disk)).map(({ hash }) => toHex(hash)));
    for (const entry of had) world.tookAway.add(entry);
    return onNode(machine, (node) => {
      const may = [...gone, 'last-member', 'unsynced-entries', 'aborted'];
      const leave = () => leaving(machine, () => node.leaveMesh(mesh, { force }));
      const work = force ? () => leavingByForce(world, machine, had, outIn(mesh), leave) : leave;
      world.begin<unknown>(machine, 'leave', work, { may });
      return undefined;
    });
  },
};

/** Whom a node knows to be out: it hears nothing from them, nor do those to whom it has told it. */
function outIn(mesh: Mesh): ReadonlySet<IdKey> {
  return new Set(mesh.peers().flatMap(({ status, nodeId }) => (status === 'member' ? [] : idKey(nodeId))));
}

async function leaving(machine: SimMachine, leave: () => Promise<unknown>): Promise<void> {
  machine.isLeaving = true;
  try {
    await leave();
  } finally {
    machine.isLeaving = false;
  }
}

/**
 * Whoever leaves by force is told that it loses what no other member has. Where the process ends meanwhile, nobody knows what it
 * lost.
 */
async function leavingByForce(
  world: World,
  machine: SimMachine,
  had: ReadonlySet<string>,
  out: ReadonlySet<IdKey>,
  leave: () => Promise<unknown>,
): Promise<void> {
  machine.leavingWith = had;
  try {
    await leave();
    // What was being written when it began to leave was still acknowledged.
    const own = world.acknowledged.flatMap((one) => (one.machine === machine.name ? one.entry : []));
    const others = [...world.machines.values()].filter(({ nodeId }) => !out.has(idKey(nodeId)));
    const left = await allEntries(others.map(({ disk }) => disk));
    for (const entry of [...had, ...own]) if (!left.has(entry)) world.lostByForce.add(entry);
  } finally {
    machine.leavingWith = undefined;
  }
}

export function onNode(machine: SimMachine, deed: (node: Node) => string | undefined): string | undefined {
  return machine.node ? deed(machine.node) : 'does not run';
}
