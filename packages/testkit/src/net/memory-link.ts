import type { Cancel, Timers } from '@lattice/model';
import type { CloseReason } from '@lattice/net-types';
import type { LinkState } from './memory-lane.js';
import { MemoryLane } from './memory-lane.js';

/** One end of a connection, as the link knows it. */
export interface LinkUser {
  endWith(reason: CloseReason): void;
}

/** All that is between two nodes. */
export class MemoryLink {
  readonly lanes: readonly [MemoryLane, MemoryLane];
  readonly #state: LinkState;
  readonly #timers: Timers;
  readonly #idleMsMax: number;
  readonly #users = new Set<LinkUser>();
  #cancelTimeout: Cancel | undefined;

  constructor(timers: Timers, latencyMs: number, idleMsMax: number) {
    this.#state = { latencyMs, isCut: false };
    this.#timers = timers;
    this.#idleMsMax = idleMsMax;
    this.lanes = [new MemoryLane(this.#state, timers), new MemoryLane(this.#state, timers)];
  }

  get latencyMs(): number {
    return this.#state.latencyMs;
  }

  set latencyMs(latencyMs: number) {
    this.#state.latencyMs = latencyMs;
  }

  join(user: LinkUser): void {
    this.#users.add(user);
  }

  leave(user: LinkUser): void {
    this.#users.delete(user);
  }

  /** Nothing arrives any more. Connections notice only when they have been silent for too long. */
  cut(): void {
    if (this.#state.isCut) return;
    this.#state.isCut = true;
    this.#cancelTimeout = this.#timers.after(this.#idleMsMax, () => this.end('timed out'));
  }

  heal(): void {
    this.#state.isCut = false;
    this.#cancelTimeout?.();
    for (const lane of this.lanes) lane.release();
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
