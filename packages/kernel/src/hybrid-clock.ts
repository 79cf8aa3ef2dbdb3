import {
  type Clock,
  type Hlc,
  hlcFromMs,
  hlcLimit,
  hlcMax,
  hlcNext,
  hlcZero,
  maxDriftMs,
} from '@lattice/model';

const lastHlc = (hlcLimit - 1n) as Hlc;

/**
 * The node's hybrid logical clock (Kulkarni et al. 2014), one for all of its stores: what it hands out is after all that
 * the node has kept, unless that lies so far ahead that some clock must be wrong.
 */
export class HybridClock {
  readonly #clock: Clock;
  #greatest = hlcZero;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The claim of an entry made now. */
  next(): Hlc {
    const next = hlcMax(this.wall(), hlcNext(this.#greatest));
    // No clock, however wrong, makes an entry that nobody can read: behind the limit, time goes on by itself.
    this.#greatest = next < hlcLimit ? next : lastHlc;
    return this.#greatest;
  }

  /** What the wall clock says. */
  wall(): Hlc {
    return hlcFromMs(this.#clock.nowMs());
  }

  /** Forgets what it handed out and observed, under a wall clock that was wrong; the stores' owners let it observe anew. */
  restart(): void {
    this.#greatest = hlcZero;
  }

  /** Takes note of a kept entry's time. One beyond the horizon does not move the clock. */
  observe(time: Hlc): void {
    if (time <= this.horizon()) this.#greatest = hlcMax(this.#greatest, time);
  }

  /** The latest time that an arriving entry may have without being held. */
  horizon(): Hlc {
    return hlcFromMs(this.#clock.nowMs() + maxDriftMs);
  }
}
