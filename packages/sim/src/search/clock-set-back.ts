import type { SeededRandom } from '@lattice/testkit';
import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';
import { Strand } from './strand.js';

const odds = { storiesPercent: 15, nowPercent: 4 };
const dayMs = 86_400_000;

/**
 * Somebody's clock is set to days ago, by more than its node makes up for: it was let in later than that, all that others write
 * is yet to come for it, and what it writes would count nowhere, unless it made the mesh. After a while the clock is right again.
 */
export class ClockSetBack extends Strand {
  constructor(random: SeededRandom, plot: Plot) {
    super(random, plot, odds);
  }

  protected happen(): readonly Step[] {
    const { random } = this;
    const node = random.pick(this.plot.members);
    return [
      { do: 'skew', node, ms: -random.pick([2, 3, 20]) * dayMs },
      ...(percent(random, 40) ? [this.plot.off(node), this.plot.up(node), this.pause(50)] : []),
      ...Array.from({ length: between(random, 1, 3) }).flatMap(() => [this.#deed(node), this.pause(50)]),
      ...(percent(random, 80) ? ([{ do: 'skew', node, ms: 0 }] as const) : []),
      this.#put(node),
    ];
  }

  #deed(node: string): Step {
    const { random } = this;
    if (percent(random, 70)) return this.#put(node);
    const name = `back${this.plot.next()}`;
    return random.pick<Step>([
      { do: 'createStore', node, store: name, type: 'kv' },
      { do: 'nameNode', node, name },
      { do: 'repairClock', node },
      { do: 'sync', node },
      { do: 'leave', node, force: false },
    ]);
  }

  #put(node: string): Step {
    const key = `k${this.random.below(10)}`;
    return { do: 'put', node, store: 'main', key, value: `${node} ${this.plot.next()}` };
  }
}
