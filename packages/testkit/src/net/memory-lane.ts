import type { Timers } from '@lattice/model';

/** What went one way between two nodes: the payload of streams, and in how many pieces. */
export interface LaneTraffic {
  readonly bytes: number;
  readonly frames: number;
}

/** How one of the two lanes between two nodes behaves. */
export interface LaneState {
  latencyMs: number;
  isCut: boolean;
}

/** How long so many bytes take from now on, in ms: latency, waiting, and what is lost and sent again. */
export type LaneDelay = (bytes: number) => number;

/**
 * One direction between two nodes. Delivers in order, after the link's latency; without latency as soon as what runs has
 * run, so that a network without latency needs no clock. Where a `delay` is given it says how long each thing takes, and
 * only what belongs to one sequence (a stream) keeps its order, as with QUIC. What arrives while the lane is cut is kept, as
 * QUIC would send it again.
 */
export class MemoryLane {
  readonly state: LaneState;
  readonly #timers: Timers;
  readonly #delay: LaneDelay | undefined;
  readonly #underWay: (() => void)[] = [];
  /** When the last thing of a sequence arrives. */
  readonly #arrivals = new WeakMap<object, number>();
  readonly #late: (() => void)[] = [];
  #held = 0;
  #bytes = 0;
  #frames = 0;

  constructor(state: LaneState, timers: Timers, delay?: LaneDelay) {
    this.state = state;
    this.#timers = timers;
    this.#delay = delay;
  }

  get traffic(): LaneTraffic {
    return { bytes: this.#bytes, frames: this.#frames };
  }

  count(bytes: number): void {
    this.#bytes += bytes;
    this.#frames++;
  }

  carry(deliver: () => void, sequence: object = this, bytes = 0): void {
    if (this.#delay) {
      this.#carryFreely(deliver, sequence, this.#delay(bytes));
      return;
    }
    this.#underWay.push(deliver);
    if (this.state.latencyMs > 0) this.#timers.after(this.state.latencyMs, () => this.#arrive());
    else void Promise.resolve().then(() => this.#arrive());
  }

  /** What was kept while the lane was cut arrives now. */
  mend(): void {
    this.state.isCut = false;
    for (; this.#held > 0; this.#held--) this.#underWay.shift()?.();
    for (const deliver of this.#late.splice(0)) deliver();
  }

  #carryFreely(deliver: () => void, sequence: object, delayMs: number): void {
    const nowMs = this.#timers.monotonicMs();
    const atMs = Math.max(nowMs + delayMs, this.#arrivals.get(sequence) ?? 0);
    this.#arrivals.set(sequence, atMs);
    this.#timers.after(atMs - nowMs, () => {
      if (this.state.isCut) this.#late.push(deliver);
      else deliver();
    });
  }

  #arrive(): void {
    if (this.state.isCut) this.#held++;
    else this.#underWay.shift()?.();
  }
}
