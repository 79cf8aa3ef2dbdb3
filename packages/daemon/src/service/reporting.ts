import { systemTimers } from '../system-ports.js';

const tellEveryMs = 100;

/**
 * Yields how far long work is, from time to time and only when the reader is ready for it, and what it came to in the end.
 * Whoever stops reading, or aborts, ends the work: it is waited for.
 */
export async function* reporting<Progress, Result>(
  signal: AbortSignal,
  work: (signal: AbortSignal, tell: (progress: Progress) => void) => Promise<Result>,
): AsyncGenerator<
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'result'; readonly result: Result }
> {
  const ending = new AbortController();
  const end = () => ending.abort();
  signal.addEventListener('abort', end, { once: true });
  if (signal.aborted) end();
  let latest: Progress | undefined;
  let toldMs = -Infinity;
  let wake = (): void => undefined;
  let isOver = false;
  const working = work(ending.signal, (progress) => {
    latest = progress;
    if (systemTimers.monotonicMs() - toldMs >= tellEveryMs) wake();
  });
  const over = () => {
    isOver = true;
    wake();
  };
  working.then(over, over);
  try {
    while (!isOver) {
      const progress = latest;
      if (progress === undefined || systemTimers.monotonicMs() - toldMs < tellEveryMs) {
        await new Promise<void>((resolve) => (wake = resolve));
        continue;
      }
      latest = undefined;
      toldMs = systemTimers.monotonicMs();
      yield { kind: 'progress', progress };
    }
    yield { kind: 'result', result: await working };
  } finally {
    end();
    signal.removeEventListener('abort', end);
    await Promise.allSettled([working]);
  }
}
