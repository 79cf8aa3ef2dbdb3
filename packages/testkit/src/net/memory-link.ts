import type { Cancel, Timers } from '@lattice/model';
import type { CloseReason } from '@lattice/net-types';
import { type LaneDelay, MemoryLane } from './memory-lane.js';

/** One end of a connection, as the link knows it. */
export interface LinkUser {
  endWith(reason: CloseReason): void;
}

/** All that is between two nodes. */
export class MemoryLink {
  readonly lanes: readonly [MemoryLane, MemoryLane];
  readonly #timers: Timers;
  readonly #idleMsMax: number;
  readonly #users = new Set<LinkUser>();
  #cancelTimeout: Cancel | undefined;

  /** `delays`: of each lane, where it is not the latency alone. */
  constructor(timers: Timers, latencyMs: number, idleMsMax: number, delays: readonly LaneDelay[] = []) {
    this.#timers = timers;
    this.#idleMsMax = idleMsMax;
    const lane = (delay: LaneDelay | undefined) => new MemoryLane({ latencyMs, isCut: false }, timers, delay);
    this.lanes = [lane(delays[0]), lane(delays[1])];
  }

  get latencyMs(): number {
    return this.lanes[0].state.latencyMs;
  }

  set latencyMs(latencyMs: number) {
    for (const { state } of this.lanes) state.latencyMs = latencyMs;
  }

  join(user: LinkUser): void {
    this.#users.add(user);
  }

  leave(user: LinkUser): void {
    this.#users.delete(user);
  }

  /**
   * Nothing arrives any more, on all lanes if not said otherwise. Connections notice only when they have been silent for too
   * long; one way is as bad as both, since nothing that arrives is acknowledged.
   */
  cut(lanes: readonly MemoryLane[] = this.lanes): void {
    if (!this.lanes.some(({ state }) => state.isCut))
      this.#cancelTimeout = this.#timers.after(this.#idleMsMax, () => this.end('timed out'));
    for (const { state } of lanes) state.isCut = true;
  }

  heal(): void {
    this.#cancelTimeout?.();
    for (const lane of this.lanes) lane.mend();
  }

  /** One of the two nodes is gone without a word: what is left at the other end notices by the silence. */
  forsake(): void {
    const left = [...this.#users];
    this.#timers.after(this.#idleMsMax, () => endAll(left, 'timed out'));
  }

  /** All connections end at both ends, at once. */
  end(reason: string): void {
    endAll([...this.#users], reason);
  }
}

function endAll(users: readonly LinkUser[], reason: string): void {
  for (const user of users) user.endWith({ by: 'network', reason });
}
