import type { Step, StepOf } from './step.js';
import type { World } from './world.js';

type Doer<Kind extends Step['do']> = (world: World, step: StepOf<Kind>) => string | undefined;

type DisturbanceKind = 'partition' | 'cut' | 'heal' | 'reset' | 'weather' | 'losePushes';

/** Of what happens on the network. */
export const disturbances: { readonly [Kind in DisturbanceKind]: Doer<Kind> } = {
  /** Nothing passes any more between machines of different groups; those in no group are not concerned. */
  partition: (world, { groups }) => {
    for (const [index, group] of groups.entries())
      for (const other of groups.slice(index + 1))
        for (const a of group) for (const b of other) world.network.partition(idOf(world, a), idOf(world, b));
    return undefined;
  },

  cut: (world, { from, to }) => {
    world.network.cutOneWay(idOf(world, from), idOf(world, to));
    return undefined;
  },

  heal: (world) => {
    const ids = [...world.machines.values()].map(({ nodeId }) => nodeId);
    for (const [index, a] of ids.entries()) for (const b of ids.slice(index + 1)) world.network.heal(a, b);
    return undefined;
  },

  reset: (world, { a, b }) => {
    world.network.disconnect(idOf(world, a), idOf(world, b));
    return undefined;
  },

  weather: (world, { latencyMs, jitterMs, lossPercent, bytesPerSecond }) => {
    world.weather.now = { latencyMs, jitterMs, lossPercent, bytesPerSecond };
    return undefined;
  },

  losePushes: (world, { percent }) => {
    world.pushLossPercent = percent;
    return undefined;
  },
};

function idOf(world: World, name: string) {
  return world.machine(name).nodeId;
}
