import type { Timers } from '@lattice/model';

/** Timers that run when the test says so. */
export function heldTimers() {
  const tasks = new Map<object, { readonly delayMs: number; readonly run: () => void }>();
  const waiting: { readonly delayMs: number; readonly resolve: () => void }[] = [];
  const timers = {
    monotonicMs: () => 0,
    after: (delayMs: number, run: () => void) => {
      const key = {};
      tasks.set(key, { delayMs, run });
      for (const one of waiting) if (one.delayMs === delayMs) one.resolve();
      return () => void tasks.delete(key);
    },
    yield: () => Promise.resolve(),
    get pending() {
      return tasks.size;
    },
    /** Resolves when there is a timer of that length. */
    whenArmed: async (delayMs: number) => {
      if ([...tasks.values()].some((task) => task.delayMs === delayMs)) return;
      await new Promise<void>((resolve) => waiting.push({ delayMs, resolve }));
    },
    fire: (delayMs: number) => {
      for (const [key, task] of tasks) {
        if (task.delayMs !== delayMs) continue;
        tasks.delete(key);
        task.run();
      }
    },
  };
  return timers satisfies Timers & object;
}
