import type { Timers } from '@lattice/model';

/** What went one way between two nodes: the payload of streams, and in how many pieces. */
export interface LaneTraffic {
  readonly bytes: number;
  readonly frames: number;
}

/** How the two lanes between two nodes behave. */
export interface LinkState {
  latencyMs: number;
  isCut: boolean;
}

/**
 * One direction between two nodes. Delivers in order, after the link's latency; without latency as soon as what runs has
 * run, so that a network without latency needs no clock. What arrives while the link is cut is kept, as QUIC would send it
 * again.
 */
export class MemoryLane {
  readonly #link: LinkState;
  readonly #timers: Timers;
  readonly #underWay: (() => void)[] = [];
  #held = 0;
  #bytes = 0;
  #frames = 0;

  constructor(link: LinkState, timers: Timers) {
    this.#link = link;
    this.#timers = timers;
  }

  get traffic(): LaneTraffic {
    return { bytes: this.#bytes, frames: this.#frames };
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    this.#frames++;
  }

  carry(deliver: () => void): void {
    this.#underWay.push(deliver);
    if (this.#link.latencyMs > 0) this.#timers.after(this.#link.latencyMs, () => this.#arrive());
    else void Promise.resolve().then(() => this.#arrive());
  }

  /** After the link was healed. */
  release(): void {
    for (; this.#held > 0; this.#held--) this.#underWay.shift()?.();
  }

  #arrive(): void {
    if (this.#link.isCut) this.#held++;
    else this.#underWay.shift()?.();
  }
}
