// The machine's own clock, chance and timers, as ports.
export const wallClock = { nowMs: () => Date.now() };

export const timers = {
  monotonicMs: () => performance.now(),
  after(delayMs, task) {
    const timer = setTimeout(() => task(), delayMs);
    return () => clearTimeout(timer);
  },
  yield: () => new Promise((resolve) => setImmediate(resolve)),
};

export const random = { bytes: (length) => crypto.getRandomValues(new Uint8Array(length)) };
