import type { Timers } from '@lattice/model';

/** Resolves when everything that waits on promises alone has run. I/O that is under way is not waited for. */
export function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** Node's timers. */
export const realTimers: Timers = {
  monotonicMs: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  yield: settled,
};
