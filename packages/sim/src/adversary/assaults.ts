import { LatticeError, type StoreId, toHex } from '@lattice/model';
import { meshOf, storeOf, type World } from '../world/world.js';
import type { Assault } from './assault.js';
import { Conversation } from './conversation.js';
import { forge } from './forge.js';
import { hand } from './hand.js';
import { pesterBy } from './pester.js';
import { Thief } from './thief.js';

type Doer<Kind extends Assault['do']> = (
  world: World,
  step: Extract<Assault, { readonly do: Kind }>,
) => string | undefined | Promise<string | undefined>;

/** Of what is done to the mesh with a key. What takes time goes on by itself. */
export const assaults: { readonly [Kind in Assault['do']]: Doer<Kind> } = {
  steal: async (world, { node, as }) => {
    const victim = world.machine(node);
    const known = world.thieves.get(as);
    if (known && known.victim !== victim) return 'has a key already';
    const thief = known ?? new Thief(world, as, victim);
    world.thieves.set(as, thief);
    for (const machine of world.machines.values())
      if (toHex(machine.nodeId) === toHex(victim.nodeId)) machine.mayFork = true;
    await thief.learn();
    return undefined;
  },

  forge: (world, step) => {
    const thief = world.thieves.get(step.by);
    const store = storeNamed(world, step.store);
    if (!thief || !store) return 'there is no such thief, or no such store';
    thief.batches.set(step.batch, forge(world, thief, store, step));
    return undefined;
  },

  hand: (world, step) => {
    const thief = world.thieves.get(step.by);
    const batch = thief?.batches.get(step.batch);
    if (!thief || !batch) return 'has no such batch';
    return converse(world, thief, step.to, `${step.how} ${step.batch}`, (conversation) =>
      hand(world, thief, batch, step, conversation),
    );
  },

  pester: (world, { by, to, how }) => {
    const thief = world.thieves.get(by);
    const mesh = storeNamed(world, 'mesh');
    if (!thief || !mesh) return 'there is no such thief, or no mesh';
    const store = storeNamed(world, 'main') ?? mesh;
    const chance = thief.chance(`pestering of ${to}`);
    return converse(world, thief, to, how, (conversation) =>
      pesterBy[how]({ world, thief, mesh, store, conversation, chance }),
    );
  },
};

/** By the name under which some node knows it; `mesh` is the mesh's own. */
function storeNamed(world: World, name: string): StoreId | undefined {
  for (const { node } of world.machines.values()) {
    const id = name === 'mesh' ? meshOf(node)?.id : storeOf(node, name)?.id;
    if (id) return id;
  }
  return undefined;
}

/** Begins a connection, on which that is said. That the other side ends it is nothing unexpected. */
function converse(
  world: World,
  thief: Thief,
  to: string,
  what: string,
  speak: (conversation: Conversation) => Promise<void>,
): string | undefined {
  const machine = world.machines.get(to);
  const mesh = storeNamed(world, 'mesh');
  if (!machine?.isRunning || !mesh) return 'nobody is there';
  const address = { nodeId: machine.nodeId, direct: [machine.address] };
  const tag = thief.tagFor(mesh, machine.nodeId);
  const run = async () => {
    const connection = await thief.transport.connect(address, new AbortController().signal);
    void connection.closed.then(({ reason }) => world.note(`  ${thief.name}: ${to} is gone: ${reason}`));
    await speak(await Conversation.begin(connection, world.time, [tag]));
    connection.close('all is said');
  };
  thief.talk(to, run).then(
    () => world.note(`  ${thief.name}: ${what} to ${to}: said`),
    (error: unknown) => {
      if (!(error instanceof LatticeError))
        world.complain(
          `${thief.name} cannot ${what}: ${error instanceof Error ? error.stack : String(error)}`,
        );
      else world.note(`  ${thief.name}: ${what} to ${to}: ${error.code}`);
    },
  );
  return undefined;
}
