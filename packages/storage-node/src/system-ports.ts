/** Unix milliseconds. */
export function wallClockMs(): number {
  return Date.now();
}
