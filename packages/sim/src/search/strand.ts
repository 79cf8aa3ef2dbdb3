import type { SeededRandom } from '@lattice/testkit';
import { between, percent } from '../core/chance.js';
import type { Step } from '../world/step.js';
import type { Plot } from './plot.js';

export interface StrandOdds {
  /** Of all stories, so many have some of it. */
  readonly storiesPercent: number;
  /** In those, at each thing that happens. */
  readonly nowPercent: number;
}

/** What some stories have beside all else. It has a chance of its own, so that what else happens in a story is as it would be without. */
export abstract class Strand {
  protected readonly random: SeededRandom;
  protected readonly plot: Plot;
  readonly #nowPercent: number;
  readonly #isInStory: boolean;

  constructor(random: SeededRandom, plot: Plot, { storiesPercent, nowPercent }: StrandOdds) {
    this.random = random;
    this.plot = plot;
    this.#nowPercent = nowPercent;
    this.#isInStory = percent(random, storiesPercent);
  }

  /** What of it follows the thing that just happened. */
  next(): readonly Step[] {
    if (!this.#isInStory || !this.mayHappen() || !percent(this.random, this.#nowPercent)) return [];
    return this.happen();
  }

  protected mayHappen(): boolean {
    return true;
  }

  protected abstract happen(): readonly Step[];

  /** Hardly any time, so often, or else some seconds. */
  protected pause(hardlyPercent: number): Step {
    const isShort = percent(this.random, hardlyPercent);
    return { do: 'pass', ms: isShort ? between(this.random, 1, 60) : between(this.random, 100, 9_000) };
  }
}
