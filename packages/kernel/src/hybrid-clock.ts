import {
  type Cancel,
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
  readonly #kept = new Set<LatestWithin>();
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

  /** Goes on behind what a store keeps, from now on and after each restart. Returns what ends that. */
  follow(kept: LatestWithin): Cancel {
    this.#kept.add(kept);
    this.observeKept(kept);
    return () => void this.#kept.delete(kept);
  }

  /**
   * Forgets what it handed out and observed under a wall clock that was wrong, but for what is kept and within the horizon
   * now: what is written next may be dated no earlier than its writer's own admission, or it would never count.
   */
  restart(): void {
    this.#greatest = hlcZero;
    for (const kept of this.#kept) this.observeKept(kept);
  }

  /** Takes note of a kept entry's time. One beyond the horizon does not move the clock. */
  observe(time: Hlc): void {
    if (time <= this.horizon()) this.#greatest = hlcMax(this.#greatest, time);
  }

  /** Takes note of what a store keeps by now. */
  observeKept(kept: LatestWithin): void {
    this.observe(kept(this.horizon()));
  }

  /** The latest time that an arriving entry may have without being held. */
  horizon(): Hlc {
    return hlcFromMs(this.#clock.nowMs() + maxDriftMs);
  }
}

/** The latest time that a store keeps, not beyond that one. */
export type LatestWithin = (horizon: Hlc) => Hlc;
