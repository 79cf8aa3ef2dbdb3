import type { Clock, Random, Timers } from '@lattice/model';

/** The one place where the public API reads the machine's clock and randomness. */
export const systemClock: Clock = { nowMs: () => Date.now() };

/** Whose long work rests. One of them goes on in each turn of the event loop, so that many keep it no longer than one. */
const sleepers: (() => void)[] = [];

function wakeOne(): void {
  sleepers.shift()?.();
  if (sleepers.length > 0) setImmediate(wakeOne);
}

export const systemTimers: Timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
  yield: () =>
    new Promise((resolve) => {
      sleepers.push(resolve);
      // After what came from the disk or the network, the first one alone would go before the timers that are due.
      if (sleepers.length === 1) setImmediate(() => setImmediate(wakeOne));
    }),
};

export const systemRandom: Random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
