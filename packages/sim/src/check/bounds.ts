import type { SimMachine } from '../world/machine.js';
import { meshOf, type World } from '../world/world.js';

/** What the protocol's section "Bounds" says of entries that wait: of one sender, and in all. */
const waitingOfSenderMax = 4_096;
const waitingMax = 65_536;

/** That no node lets more wait than it says. */
export function boundsFindings(world: World): readonly string[] {
  const keys = world.machines.size;
  return [...world.machines.values()].flatMap((machine) =>
    storesOf(machine).flatMap(({ name, waiting }) =>
      waiting > Math.min(waitingMax, keys * waitingOfSenderMax)
        ? [`${machine.name}, ${name}: ${waiting} entries wait`]
        : [],
    ),
  );
}

function storesOf({ node }: SimMachine): readonly { readonly name: string; readonly waiting: number }[] {
  return (meshOf(node)?.stores() ?? []).map((store) => {
    const { pending, held } = store.status();
    return { name: store.name, waiting: pending + held };
  });
}
