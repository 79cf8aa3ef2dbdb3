/** Milliseconds that only grow, from an arbitrary origin; nothing else in this package reads a clock. */
export function monotonicMs(): number {
  return performance.now();
}
