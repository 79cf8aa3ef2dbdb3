/** Milliseconds that only grow, from an arbitrary origin. */
export function monotonicMs(): number {
  return performance.now();
}

/** The wall clock, in Unix milliseconds: for saying how long ago something was. Nothing else in this package reads a clock. */
export function wallClockMs(): number {
  return Date.now();
}

/** Aborted after so long. */
export function deadline(afterMs: number): AbortSignal {
  return AbortSignal.timeout(afterMs);
}
