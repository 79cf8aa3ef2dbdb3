import type { Timers } from '@lattice/model';

/** Node's timers. */
export const systemTimers: Timers = {
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  monotonicMs: () => performance.now(),
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

/** The wall clock, in Unix milliseconds: for saying how long ago something was. Nothing else in this package reads a clock. */
export function wallClockMs(): number {
  return Date.now();
}
