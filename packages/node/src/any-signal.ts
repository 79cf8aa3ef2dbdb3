/** Does the work with a signal that fires with any of those given. */
export async function withAnyOf<T>(
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const abort = new AbortController();
  const give = () => abort.abort();
  for (const signal of signals) signal.addEventListener('abort', give, { once: true });
  if (signals.some((signal) => signal.aborted)) give();
  try {
    return await work(abort.signal);
  } finally {
    for (const signal of signals) signal.removeEventListener('abort', give);
  }
}
