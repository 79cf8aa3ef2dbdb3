import { Breaker } from './breaker.js';
import { dialAborted } from './failures.js';

/** Why a connection is closed that nobody waits for any more. */
export const dialGivenUp = 'the dial was given up';

/**
 * The outcome of a dial; or `aborted` once the signal fires, which it has not yet, or what `closing` breaks with. What the dial
 * brings after that goes to `giveUp`.
 */
export async function untilAborted<Connection>(
  attempt: Promise<Connection>,
  signal: AbortSignal,
  giveUp: (late: Connection) => void,
  closing = new Breaker(),
): Promise<Connection> {
  const stop = new Breaker();
  const onAbort = () => stop.break(dialAborted());
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await closing.guard(stop.guard(attempt));
  } catch (error) {
    attempt.then(giveUp, () => undefined);
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
