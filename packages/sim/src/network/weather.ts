import { idKey, type NodeId, type Timers } from '@lattice/model';
import { percent } from '../core/chance.js';
import type { SeededRandom } from '@lattice/testkit';

/** How the network is between any two nodes. */
export interface WeatherReport {
  /** One way, at least. */
  readonly latencyMs: number;
  /** At most so much more; now and then ten times that. */
  readonly jitterMs: number;
  /** Of all pieces; what is lost is sent again, and comes later. */
  readonly lossPercent: number;
  /** 0: without limit. */
  readonly bytesPerSecond: number;
}

export const fairWeather: WeatherReport = { latencyMs: 5, jitterMs: 3, lossPercent: 0, bytesPerSecond: 0 };

/** How long a sender waits for an acknowledgement at least, before it sends again. (RFC 9002, section 6.2.2, and then doubled.) */
const resendMs = 100;
const resendsMax = 5;

/** How long what is sent takes. */
export class Weather {
  now: WeatherReport = fairWeather;
  /** Pieces that were lost so far. */
  lost = 0;
  readonly #random: SeededRandom;
  readonly #timers: Timers;
  /** Until when a direction between two nodes is taken. */
  readonly #busyUntilMs = new Map<string, number>();

  constructor(random: SeededRandom, timers: Timers) {
    this.#random = random;
    this.#timers = timers;
  }

  delayMs(from: NodeId, to: NodeId, bytes: number): number {
    return this.#queueMs(from, to, bytes) + this.#travelMs() + this.#lossMs();
  }

  #queueMs(from: NodeId, to: NodeId, bytes: number): number {
    const { bytesPerSecond } = this.now;
    if (bytesPerSecond === 0 || bytes === 0) return 0;
    const nowMs = this.#timers.monotonicMs();
    const lane = `${idKey(from)} ${idKey(to)}`;
    const freeMs = Math.max(nowMs, this.#busyUntilMs.get(lane) ?? 0) + (bytes * 1_000) / bytesPerSecond;
    this.#busyUntilMs.set(lane, freeMs);
    return freeMs - nowMs;
  }

  #travelMs(): number {
    const { latencyMs, jitterMs } = this.now;
    if (jitterMs === 0) return latencyMs;
    const spread = this.#random.below(jitterMs * 100) / 100;
    return latencyMs + (percent(this.#random, 1) ? 10 * spread : spread);
  }

  #lossMs(): number {
    const { lossPercent, latencyMs } = this.now;
    let waitMs = 0;
    let timeoutMs = Math.max(resendMs, 3 * latencyMs);
    for (let i = 0; i < resendsMax && lossPercent > 0 && percent(this.#random, lossPercent); i++) {
      this.lost++;
      waitMs += timeoutMs;
      timeoutMs *= 2;
    }
    return waitMs;
  }
}
