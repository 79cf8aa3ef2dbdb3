import type { Timers } from '@lattice/model';

/** A command that did not end so soon after Ctrl-C may not do so at all, and one is told what helps. */
const patienceMs = 1_000;

export type Ended = 'ended' | 'abandoned';

/** The command that runs. Ctrl-C cancels it; another one leaves it to itself, so that the prompt is back at once. */
export class Foreground {
  #running: { readonly cancel: AbortController; readonly abandon: AbortController } | undefined;

  constructor(
    private readonly timers: Timers,
    /** Told when Ctrl-C does not help. */
    private readonly onSlow: () => void,
  ) {}

  /** Resolves when the work ends, or is abandoned; then its failure is nobody's. */
  async run(
    work: (signals: { readonly cancelled: AbortSignal; readonly abandoned: AbortSignal }) => Promise<void>,
  ): Promise<Ended> {
    const running = { cancel: new AbortController(), abandon: new AbortController() };
    const [cancelled, abandoned] = [running.cancel.signal, running.abandon.signal];
    this.#running = running;
    try {
      const left = new Promise<Ended>((resolve) =>
        abandoned.addEventListener('abort', () => resolve('abandoned'), { once: true }),
      );
      const done = work({ cancelled, abandoned }).then((): Ended => 'ended');
      // Raced, it may fail when nobody looks any more.
      done.catch(() => undefined);
      return await Promise.race([done, left]);
    } finally {
      this.#running = undefined;
    }
  }

  /** The shell is left: a command that does not mind is not waited for. */
  end(): void {
    const running = this.#running;
    running?.cancel.abort();
    this.timers.after(patienceMs, () => running?.abandon.abort());
  }

  /** Ctrl-C. */
  interrupt(): void {
    const running = this.#running;
    if (running === undefined) return;
    if (running.cancel.signal.aborted) return running.abandon.abort();
    running.cancel.abort();
    this.timers.after(patienceMs, () => {
      if (this.#running === running) this.onSlow();
    });
  }
}
