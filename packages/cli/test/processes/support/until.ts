import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';

/** How often another process is asked whether it has come so far. */
const askEveryMs = 10;

/** Waits for something to become true in another process; fails with what `otherwise` says when it does not in time. */
export async function until(
  isSo: () => Promise<boolean>,
  withinMs: number,
  otherwise: () => string | Promise<string>,
): Promise<void> {
  const deadlineMs = performance.now() + withinMs;
  while (!(await isSo())) {
    if (performance.now() > deadlineMs) assert.fail(`${await otherwise()} within ${withinMs} ms`);
    await pause(askEveryMs);
  }
}
