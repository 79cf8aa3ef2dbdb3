import { randomFillSync } from 'node:crypto';

/** Unix milliseconds. */
export function wallClockMs(): number {
  return Date.now();
}

/** Calls back once, unless what it returns is called before. Does not keep the process alive. */
export function later(afterMs: number, work: () => void): () => void {
  const timer = setTimeout(work, afterMs);
  timer.unref();
  return () => clearTimeout(timer);
}

/** Resolves when others had their turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return randomFillSync(new Uint8Array(length));
}
