import type { Clock, Random, Timers } from '@lattice/model';

/** The one place where the public API reads the machine's clock and randomness. */
export const systemClock: Clock = { nowMs: () => Date.now() };

export const systemTimers: Timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

export const systemRandom: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
