import type { SeededRandom } from '@lattice/testkit';
import { between, Chance, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';

import { ClockSetBack } from './clock-set-back.js';
import { ClockTrouble } from './clock-trouble.js';
import { events, weightOf } from './events.js';
import { Plot } from './plot.js';
import { Quarrel } from './quarrel.js';
import { Villainy } from './villainy.js';

export interface StoryOptions {
  readonly seed: number;
  readonly nodes: number;
  readonly minutes: number;
}

/** So many things happen in a minute. */
const stepsPerMinute = 24;

/** What happens in a run, by chance: as data, before anything of it happens. */
export function tellStory({ seed, nodes, minutes }: StoryOptions): readonly Step[] {
  const chance = new Chance(seed);
  const random = chance.stream('story');
  const plot = new Plot(random, nodes);
  const villainy = new Villainy(chance.stream('villainy'), plot);
  const quarrel = new Quarrel(chance.stream('quarrel'), plot);
  const clocks = new ClockTrouble(chance.stream('clocks'), plot);
  const setBack = new ClockSetBack(chance.stream('clocks set back'), plot);
  const steps: Step[] = [...plot.beginning()];
  const untilMs = minutes * 60_000;
  for (let nowMs = 0; nowMs < untilMs;) {
    steps.push(...eventOf(plot, random), ...villainy.next(), ...quarrel.next());
    steps.push(...clocks.next(), ...setBack.next());
    const ms = pauseMs(random);
    nowMs += ms;
    steps.push({ do: 'pass', ms });
  }
  return steps;
}

function eventOf(plot: Plot, random: SeededRandom): readonly Step[] {
  const whole = events.reduce((sum, event) => sum + weightOf(event), 0);
  let dice = random.below(whole);
  for (const event of events) {
    dice -= weightOf(event);
    if (dice < 0) return event.tell(plot);
  }
  return [];
}

/** Mostly things happen close to each other, and then nothing for a while. */
function pauseMs(random: SeededRandom): number {
  const meanMs = 60_000 / stepsPerMinute;
  if (percent(random, 60)) return between(random, 0, 60);
  return percent(random, 90) ? between(random, 0, 3 * meanMs) : between(random, 0, 20 * meanMs);
}
