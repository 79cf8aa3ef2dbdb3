import type { SeededRandom } from '@lattice/testkit';
import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';

/** Of all stories, so many have some. */
const storiesPercent = 15;
/** In those, at each thing that happens. */
const nowPercent = 4;
const dayMs = 86_400_000;

/**
 * Somebody's clock is set to days ago, by more than its node makes up for: it was let in later than that, all that others write
 * is yet to come for it, and what it writes would count nowhere, unless it made the mesh. After a while the clock is right again.
 */
export class ClockSetBack {
  readonly #random: SeededRandom;
  readonly #plot: Plot;
  readonly #isSpared: boolean;

  constructor(random: SeededRandom, plot: Plot) {
    this.#random = random;
    this.#plot = plot;
    this.#isSpared = !percent(random, storiesPercent);
  }

  next(): readonly Step[] {
    if (this.#isSpared || !percent(this.#random, nowPercent)) return [];
    const random = this.#random;
    const node = random.pick(this.#plot.members);
    return [
      { do: 'skew', node, ms: -random.pick([2, 3, 20]) * dayMs },
      ...(percent(random, 40) ? [this.#plot.off(node), this.#plot.up(node), this.#pause()] : []),
      ...Array.from({ length: between(random, 1, 3) }).flatMap(() => [this.#deed(node), this.#pause()]),
      ...(percent(random, 80) ? ([{ do: 'skew', node, ms: 0 }] as const) : []),
      this.#put(node),
    ];
  }

  #deed(node: string): Step {
    const random = this.#random;
    if (percent(random, 70)) return this.#put(node);
    const name = `back${this.#plot.next()}`;
    return random.pick<Step>([
      { do: 'createStore', node, store: name, type: 'kv' },
      { do: 'nameNode', node, name },
      { do: 'repairClock', node },
      { do: 'sync', node },
      { do: 'leave', node, force: false },
    ]);
  }

  #put(node: string): Step {
    const key = `k${this.#random.below(10)}`;
    return { do: 'put', node, store: 'main', key, value: `${node} ${this.#plot.next()}` };
  }

  #pause(): Step {
    const ms = percent(this.#random, 50) ? between(this.#random, 1, 60) : between(this.#random, 100, 9_000);
    return { do: 'pass', ms };
  }
}
