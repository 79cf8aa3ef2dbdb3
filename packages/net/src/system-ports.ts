import type { Timers } from '@lattice/model';

/** Of the thread that has the endpoint, which has nothing to do that would have to rest for others. */
export const threadTimers: Timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};
