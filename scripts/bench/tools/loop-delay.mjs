import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';

/** Longer than the timer's step: the first that it tells is of starting it. */
const settleMs = 20;

/** Watches how long this process's event loop is kept waiting; what is returned ends that, and returns the histogram. */
export async function watchLoopDelay() {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  delays.enable();
  await setTimeout(settleMs);
  delays.reset();
  return async () => {
    await setTimeout(settleMs);
    delays.disable();
    return delays;
  };
}
