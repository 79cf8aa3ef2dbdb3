import { LatticeError } from '@lattice/model';
import type { ServiceContext } from './service-context.js';

/** Tells on until the reader leaves or the process closes; then `daemon-gone`, for a stream that just ends is taken for one that ended well. */
export async function* untilEnded<T>(
  { closing }: ServiceContext,
  signal: AbortSignal,
  tell: (signal: AbortSignal) => AsyncIterable<T>,
): AsyncGenerator<T> {
  const ended = new AbortController();
  const end = () => ended.abort();
  for (const reason of [signal, closing]) {
    if (reason.aborted) end();
    reason.addEventListener('abort', end, { once: true });
  }
  try {
    yield* tell(ended.signal);
  } finally {
    for (const reason of [signal, closing]) reason.removeEventListener('abort', end);
  }
  if (closing.aborted && !signal.aborted) throw closed();
}

function closed(): LatticeError {
  return new LatticeError(
    'daemon-gone',
    'The process that runs this node was closed: start it again, and go on from the last cursor.',
  );
}
