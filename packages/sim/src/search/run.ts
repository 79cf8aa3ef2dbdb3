import type { Known } from '../check/past.js';
import { unionOf } from '../check/union.js';
import { quiesce } from '../check/quiesce.js';
import { perform } from '../world/perform.js';
import type { Step } from '../world/step.js';
import { World } from '../world/world.js';

/** A run as data: all that is needed to have it again. */
export interface Story {
  readonly seed: number;
  readonly steps: readonly Step[];
}

export interface Outcome {
  /** What was not as it must be; empty where all was well. */
  readonly findings: readonly string[];
  /** Two runs with the same digest were the same. */
  readonly digest: string;
  readonly trace: readonly string[];
  readonly counts: ReadonlyMap<string, number>;
  /** Of mesh life. */
  readonly virtualMs: number;
}

/** Lets a story happen, puts everything in order, and looks whether all is as it must be. */
export async function runStory({ seed, steps }: Story): Promise<Outcome> {
  const world = new World(seed);
  return outcomeOf(world, () => playOut(world, steps));
}

async function outcomeOf(world: World, play: () => Promise<readonly string[]>): Promise<Outcome> {
  const findings = await caught(play);
  for (const finding of findings) world.note(`FOUND: ${finding}`);
  const entries = await entriesIn(world);
  world.count('entries', entries.length);
  world.count('entries of thieves', entries.filter(({ key }) => world.forged.has(key)).length);
  world.count('pieces resent', world.weather.lost);
  const outcome = {
    findings,
    digest: world.trace.digest,
    trace: world.trace.lines,
    counts: world.counts,
    virtualMs: world.time.monotonicMs(),
  };
  for (const machine of world.machines.values()) if (machine.isRunning) machine.kill();
  return outcome;
}

/**
 * The same of a story that is told while it happens: `tell` does its steps by `perform`, and whatever else it wants to know.
 */
export async function runScene(seed: number, tell: (world: World) => Promise<void>): Promise<Outcome> {
  const world = new World(seed);
  return outcomeOf(world, async () => {
    await tell(world);
    return quiesce(world);
  });
}

/** What is thrown (an assertion that fails, say) was found, too. */
async function caught(play: () => Promise<readonly string[]>): Promise<readonly string[]> {
  try {
    return await play();
  } catch (error) {
    return [error instanceof Error ? (error.stack ?? error.message) : String(error)];
  }
}

async function playOut(world: World, steps: readonly Step[]): Promise<readonly string[]> {
  for (const step of steps) {
    if (world.complaints.length > 0) return world.complaints;
    await perform(world, step);
  }
  return quiesce(world);
}

async function entriesIn(world: World): Promise<readonly Known[]> {
  const union = await unionOf([...world.machines.values()]);
  const stores = union?.stores ?? [];
  return [...(union?.meshPast.entries ?? []), ...stores.flatMap(({ past }) => past.entries)];
}
