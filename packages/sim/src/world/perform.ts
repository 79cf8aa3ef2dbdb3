import { assaults } from '../adversary/assaults.js';
import { boundsFindings } from '../check/bounds.js';
import { deeds } from './deeds.js';
import { disturbances } from './disturbances.js';
import { mishaps } from './mishaps.js';
import { type Step, type StepOf, stepText } from './step.js';
import type { World } from './world.js';

/**
 * Does one step. What it begins is over when time has passed; a step that makes no sense just now does nothing, and says why: so
 * any list of steps is a story, also one from which some were left out.
 */
export async function perform(world: World, step: Step): Promise<string | undefined> {
  const { frames, bytes } = world.network.total;
  world.note(`${stepText(step)}  (so far ${frames} pieces, ${bytes} bytes)`);
  const not = await outcomeOf(world, step);
  if (not === undefined) world.count(step.do);
  else world.note(`  not done: ${not}`);
  return not;
}

async function outcomeOf(world: World, step: Step): Promise<string | undefined> {
  if (step.do === 'pass') {
    await world.time.advance(step.ms);
    if (world.thieves.size > 0) for (const finding of boundsFindings(world)) world.complain(finding);
    return undefined;
  }
  if (step.do in disturbances)
    return (
      disturbances[step.do as keyof typeof disturbances] as (world: World, step: Step) => string | undefined
    )(world, step);
  if (step.do in assaults)
    return (
      assaults[step.do as keyof typeof assaults] as (
        world: World,
        step: Step,
      ) => string | undefined | Promise<string | undefined>
    )(world, step);
  const onMachine = step as Exclude<Step, StepOf<'pass' | keyof typeof disturbances | keyof typeof assaults>>;
  const doer = { ...deeds, ...mishaps }[onMachine.do] as (
    world: World,
    machine: ReturnType<World['machine']>,
    step: Step,
  ) => string | undefined | Promise<string | undefined>;
  return doer(world, world.machine(onMachine.node), step);
}
