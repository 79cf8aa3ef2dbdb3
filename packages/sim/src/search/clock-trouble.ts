import type { SeededRandom } from '@lattice/testkit';
import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';
import { Strand } from './strand.js';

const odds = { storiesPercent: 30, nowPercent: 4 };
const minuteMs = 60_000;
const keys = 10;

/**
 * Somebody writes while its clock is wrong by more than others take, sees it, sets the clock, and has issued again what was dated
 * ahead; perhaps more than once, or losing power while at it.
 */
export class ClockTrouble extends Strand {
  constructor(random: SeededRandom, plot: Plot) {
    super(random, plot, odds);
  }

  protected happen(): readonly Step[] {
    const { random } = this;
    const node = random.pick(this.plot.members);
    const ahead = random.pick([6, 12, 60, 600, 4 * 1440]) * minuteMs;
    return [
      { do: 'skew', node, ms: ahead },
      ...this.#writes(node),
      ...(percent(random, 20) ? this.#again(node) : []),
      { do: 'skew', node, ms: percent(random, 70) ? 0 : between(random, -minuteMs, ahead) },
      ...(percent(random, 30) ? this.#writes(node) : []),
      ...this.#repair(node),
      ...(percent(random, 30) ? this.#repair(node) : []),
    ];
  }

  #writes(node: string): readonly Step[] {
    return Array.from({ length: between(this.random, 1, 4) }).flatMap(() => [
      this.#put(node),
      this.pause(60),
    ]);
  }

  #put(node: string): Step {
    const [main, ...others] = this.plot.stores.filter(({ type }) => type === 'kv');
    const store = this.random.pick([main, main, ...others])?.name ?? 'main';
    return {
      do: 'put',
      node,
      store,
      key: `k${this.random.below(keys)}`,
      value: `${node} ${this.plot.next()}`,
    };
  }

  /** Some see that their power goes at an operation of the disk, and then do it again. */
  #repair(node: string): readonly Step[] {
    const { random } = this;
    const repair: Step = { do: 'repairClock', node };
    if (percent(random, 60)) return [repair, this.pause(60), this.#put(node), this.pause(60)];
    const how = random.pick(['kill', 'crash'] as const);
    return [
      { do: 'endAt', node, operation: between(random, 1, 6), how },
      repair,
      this.#put(node),
      this.pause(60),
      ...this.#again(node),
      repair,
      this.pause(60),
    ];
  }

  #again(node: string): readonly Step[] {
    return [this.plot.off(node), this.plot.up(node), this.pause(60)];
  }
}
