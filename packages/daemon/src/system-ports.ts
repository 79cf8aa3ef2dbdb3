import type { Timers } from '@lattice/model';

/** Node's timers; nothing else in this package reads a clock. */
export const systemTimers: Timers = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  monotonicMs: () => performance.now(),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};
